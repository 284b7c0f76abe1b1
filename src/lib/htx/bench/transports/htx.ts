/** Our own sessions as a transport of streams. */
import type { TimerClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { anonymousIdentity } from '../../../identity/index.ts'
import { connect, type HtxSession, listen } from '../../endpoint/index.ts'
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

export function htxTransport(link: BenchLink, clock: TimerClock): BulkTransport {
  const identity = anonymousIdentity(systemRandom, clock)
  return {
    async listen(accept) {
      const { address } = await listen(LISTEN_AT[link], {
        identity,
        clock,
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

/** A new stream of the session as a sink. */
export function openSink(session: HtxSession): BulkSink {
  const stream = session.openStream()
  // The peer ends its direction at once; somebody has to read that.
  stream.resume()
  return nodeSink(stream)
}
