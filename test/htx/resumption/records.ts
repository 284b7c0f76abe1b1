/** Records of a listener's tickets on a volume that outlives them, as a disk outlives a process. */
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { EndpointIdentity } from '../../../src/lib/htx/index.ts'
import { ResumptionSecret } from '../../../src/lib/htx/keys/schedule.ts'
import type { ResumptionTicketHolder } from '../../../src/lib/htx/resumption/index.ts'
import {
  RESUMPTION_SCHEMA,
  type RecordLimits,
  ResumptionRecords,
} from '../../../src/lib/htx/resumption/records.ts'
import type { Identity } from '../../../src/lib/identity/index.ts'
import { MemoryVolume, openMemoryStore, type StoreEntry } from '../../../src/lib/storage/index.ts'
import { CLIENT, SERVER, START_MS } from '../endpoint/endpoints.ts'

export const DAY_S = 86_400
export const START_S = START_MS / 1000

/** The one secret that these tests derive from: 32 bytes of 7. */
export const SECRET = new Uint8Array(32).fill(7)

export class Listener {
  readonly clock = new ManualClock(START_MS)
  readonly volume = new MemoryVolume()
  readonly errors: Error[] = []
  #seed = 1

  /** A process that starts on the volume. */
  async start(identity: Identity = SERVER, limits?: RecordLimits): Promise<ResumptionRecords> {
    const random = new SeededRandom(this.#seed++)
    return await ResumptionRecords.open({
      owner: new EndpointIdentity({ identity }, this.clock, random),
      clock: this.clock,
      random,
      store: await openMemoryStore(RESUMPTION_SCHEMA, this.volume),
      ...(limits === undefined ? {} : { limits }),
      onError: (error) => this.errors.push(error),
    })
  }

  /** Everything on the volume. */
  async entries(): Promise<readonly StoreEntry[]> {
    const store = await openMemoryStore(RESUMPTION_SCHEMA, this.volume)
    const entries: StoreEntry[] = []
    for await (const entry of store.scan()) entries.push(entry)
    return entries
  }
}

export function holder(changes: Partial<ResumptionTicketHolder> = {}): ResumptionTicketHolder {
  return {
    peer: CLIENT.peer,
    x: CLIENT.noise.publicKey,
    certHash: new Uint8Array(32).fill(3),
    hybrid: true,
    certNotAfter: START_S + 90 * DAY_S,
    fullAt: START_S,
    ...changes,
  }
}

/** Issues one ticket and waits until it is durable. */
export async function issueOne(
  records: ResumptionRecords,
  changes: Partial<ResumptionTicketHolder> = {},
): Promise<Uint8Array> {
  const [ticket] = records.issue(new ResumptionSecret(SECRET.slice()), holder(changes), 1)
  if (ticket === undefined) throw new Error('no ticket was issued')
  await records.find(ticket.handle)
  return ticket.handle
}
