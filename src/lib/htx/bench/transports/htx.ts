/** Our own sessions as a transport of streams. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TimerClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { anonymousIdentity } from '../../../identity/index.ts'
import { openStore, type Store } from '../../../storage/index.ts'
import { connect, type HtxSession, listen } from '../../endpoint/index.ts'
import { RESUMPTION_SCHEMA } from '../../resumption/index.ts'
import { type BulkSink, type BulkTransport, nodeSink, receiveFrom } from '../bulk.ts'
import { BENCH_ADMISSION, BENCH_MAX_SESSIONS } from '../constants.ts'

/** Where each link listens. */
const LISTEN_AT = {
  tcp: 'htx+tcp://127.0.0.1:0',
  ws: 'htx+ws://127.0.0.1:0',
  quic: 'htx+quic://127.0.0.1:0',
  memory: 'htx+mem://bench:0',
} as const

export type BenchLink = keyof typeof LISTEN_AT

/** @param openTickets where the listener keeps its resumption tickets; in memory when absent */
export function htxTransport(
  link: BenchLink,
  clock: TimerClock,
  openTickets?: () => Promise<Store>,
): BulkTransport {
  const identity = anonymousIdentity(systemRandom, clock)
  return {
    async listen(accept) {
      const resumptionStore = await openTickets?.()
      const { address } = await listen(LISTEN_AT[link], {
        identity,
        clock,
        ...(resumptionStore === undefined ? {} : { resumptionStore }),
        admission: BENCH_ADMISSION,
        maxSessions: BENCH_MAX_SESSIONS,
        onStream: (stream) => {
          receiveFrom(stream, accept())
          stream.end()
        },
      })
      return address
    },

    async dial(address) {
      const session = await connect(address, { identity, clock })
      return { open: async () => openSink(session), close: async () => void (await session.close()) }
    },
  }
}

/** A store of tickets on the disk, as the product has it, until the process ends. */
export async function openDurableTickets(): Promise<Store> {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return await openStore({ path: join(folder, 'tickets.sqlite'), schema: RESUMPTION_SCHEMA })
}

/** A new stream of the session as a sink. */
export function openSink(session: HtxSession): BulkSink {
  const stream = session.openStream()
  // The peer ends its direction at once; somebody has to read that.
  stream.resume()
  return nodeSink(stream)
}
