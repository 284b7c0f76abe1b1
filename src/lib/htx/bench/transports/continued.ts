/** Streams inside `resume/1`: what continuity costs while no link is cut. */
import type { TimerClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { anonymousIdentity } from '../../../identity/index.ts'
import { listen } from '../../endpoint/index.ts'
import { Connector } from '../../reconnect/index.ts'
import { acceptService } from '../../service/accept-service.ts'
import { openContinued, RESUME_SERVICE, ResumeAcceptor } from '../../service/resume/index.ts'
import { type BulkTransport, nodeSink, receiveFrom } from '../bulk.ts'
import { BENCH_ADMISSION, BENCH_MAX_SESSIONS } from '../constants.ts'

/** The service that swallows what comes. */
const SERVICE = 'sink'

export function continuedTransport(clock: TimerClock): BulkTransport {
  const identity = anonymousIdentity(systemRandom, clock)
  return {
    async listen(onStream) {
      const acceptor = new ResumeAcceptor({
        clock,
        services: {
          [SERVICE]: async ({ accept, gone, reader, stream }) => {
            accept()
            reader.release()
            receiveFrom(stream, onStream())
            stream.end()
            await gone
          },
        },
      })
      const services = { [RESUME_SERVICE]: acceptor.service }
      const { address } = await listen('htx+tcp://127.0.0.1:0', {
        identity,
        clock,
        admission: BENCH_ADMISSION,
        maxSessions: BENCH_MAX_SESSIONS,
        onStream: (stream, session) => void acceptService(stream, session, { clock, services }),
      })
      return address
    },

    async dial(address) {
      const connector = new Connector([address], { connect: { identity }, clock })
      return {
        open: async () => {
          const { stream } = await openContinued(connector, SERVICE, {}, { clock })
          // The peer ends it when it has everything; somebody has to read that.
          return nodeSink(stream.resume())
        },
        close: async () => await connector.close(),
      }
    },
  }
}
