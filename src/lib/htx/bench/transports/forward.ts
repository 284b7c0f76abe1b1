/** Streams through a forward: a TCP connection of this machine on either side of a session. */
import { once } from 'node:events'
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net'
import type { TimerClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { anonymousIdentity } from '../../../identity/index.ts'
import { connect, type HtxSession, listen } from '../../endpoint/index.ts'
import { acceptService } from '../../service/accept-service.ts'
import {
  AccessList,
  forwardServices,
  localForward,
  parsePermit,
  streamsOf,
  type Target,
} from '../../service/forward/index.ts'
import { type BulkTransport, nodeSink, receiveFrom } from '../bulk.ts'
import { BENCH_ADMISSION, BENCH_MAX_STREAMS } from '../constants.ts'

const HOST = '127.0.0.1'

/** What `dial` takes: the address of the listener, and what it reaches for its peers. */
export interface ForwardAddress {
  readonly address: string
  readonly target: Target
}

/** Forwards to a target in the listener's process that swallows what comes. */
export function forwardTransport(clock: TimerClock): BulkTransport {
  return {
    listen: async (accept) =>
      JSON.stringify(await listenForForwards(clock, (socket) => receiveFrom(socket, accept()))),
    async dial(address) {
      const reached = JSON.parse(address) as ForwardAddress
      const session = await openForwardSession(reached.address, clock)
      const { port, close } = await localForward({
        open: streamsOf(session),
        listen: { host: HOST, port: 0 },
        target: reached.target,
      })
      return {
        open: async () => nodeSink(await dialLocal(port)),
        close: async () => {
          close()
          await session.close()
        },
      }
    },
  }
}

/** Forwards to a target that sends everything back. */
export function echoTransport(clock: TimerClock): BulkTransport {
  return {
    listen: async () => JSON.stringify(await listenForForwards(clock, (socket) => void socket.pipe(socket))),
    dial: async () => {
      throw new Error('an echo takes no bulk')
    },
  }
}

/** Listens for sessions whose forwards lead to one TCP port of this process. */
async function listenForForwards(
  clock: TimerClock,
  onSocket: (socket: Socket) => void,
): Promise<ForwardAddress> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    socket.on('error', () => {})
    onSocket(socket)
  })
  server.listen(0, HOST)
  await once(server, 'listening')
  const target = { host: HOST, port: (server.address() as AddressInfo).port }
  const access = new AccessList(parsePermit(`*=${target.host}:${target.port}`))
  const services = forwardServices({ access, clock })
  const { address } = await listen('htx+tcp://127.0.0.1:0', {
    identity: anonymousIdentity(systemRandom, clock),
    clock,
    admission: BENCH_ADMISSION,
    parameters: { maxStreams: BENCH_MAX_STREAMS },
    onStream: (stream, session) => void acceptService(stream, session, { clock, services }),
  })
  return { address, target }
}

export async function openForwardSession(address: string, clock: TimerClock): Promise<HtxSession> {
  return await connect(address, { identity: anonymousIdentity(systemRandom, clock), clock })
}

export async function dialLocal(port: number): Promise<Socket> {
  const socket = connectTcp({ host: HOST, port, noDelay: true })
  await once(socket, 'connect')
  return socket
}
