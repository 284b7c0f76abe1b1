/** What is measured on access tickets: durable insertions of the replay store, and whole checks with them. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TimerClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { openStore } from '../../../storage/index.ts'
import {
  AccessTicketVerifier,
  buildTicket,
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  grantOf,
  newTicketKey,
  REPLAY_SCHEMA,
  ReplayStore,
} from '../../ticket/index.ts'
import {
  REPLAY_TAG_BENCH_BYTES,
  TICKETS_IN_FLIGHT,
  TICKETS_PER_RUN,
  UNLIMITED_TICKET_RATES,
} from '../constants.ts'

const HOUR_MS = 3_600_000

/** Insertions a second, in groups as they come from many handshakes at once, each synced to the disk. */
export async function measureTicketInserts(clock: TimerClock): Promise<number> {
  return await withReplayStore(clock, async (replay) => {
    const hour = Math.floor(clock.wallMs() / HOUR_MS)
    return await perSecond(clock, async () => {
      if ((await replay.insert(systemRandom.bytes(REPLAY_TAG_BENCH_BYTES), hour)) !== 'inserted')
        throw new Error('a new tag was refused')
    })
  })
}

/** Whole checks a second: parse, key agreement, three hours, and the durable insertion. */
export async function measureTicketChecks(clock: TimerClock): Promise<number> {
  return await withReplayStore(clock, async (replay) => {
    const key = newTicketKey(systemRandom, clock)
    const grant = grantOf({ policyText: DEFAULT_POLICY_TEXT, ...DEFAULT_SITE, keys: [key] }, key)
    const binding = { serverStatic: new Uint8Array(32), bind32: new Uint8Array(32) }
    const tickets = Array.from({ length: TICKETS_PER_RUN }, () =>
      buildTicket(grant, { clock, random: systemRandom, binding }),
    )
    const rates = UNLIMITED_TICKET_RATES
    const verifier = new AccessTicketVerifier({ clock, keys: () => [key], replay, rates })
    return await perSecond(clock, async (index) => {
      const outcome = await verifier.check(tickets[index], { prefix: 'bench', binding, versions: [1, 2] })
      if (outcome !== 'accepted') throw new Error(`a new ticket is ${outcome}`)
    })
  })
}

async function withReplayStore<T>(clock: TimerClock, work: (replay: ReplayStore) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'aiv-bench-'))
  try {
    const store = await openStore({ path: join(folder, 'replay.sqlite'), schema: REPLAY_SCHEMA })
    try {
      const onError = (error: Error): never => {
        throw error
      }
      return await work(await ReplayStore.open(store, clock, onError))
    } finally {
      await store.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Runs `TICKETS_PER_RUN` pieces of work, as many at once as handshakes may be. */
async function perSecond(clock: TimerClock, work: (index: number) => Promise<void>): Promise<number> {
  const startedAt = clock.now()
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < TICKETS_PER_RUN) await work(next++)
  }
  await Promise.all(Array.from({ length: TICKETS_IN_FLIGHT }, worker))
  return TICKETS_PER_RUN / ((clock.now() - startedAt) / 1000)
}
