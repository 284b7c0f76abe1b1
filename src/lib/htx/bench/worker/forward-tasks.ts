/** What is measured on forwards: how much longer an answer takes, and how many connections a second a proxy opens. */
import type { Socket } from 'node:net'
import { AivError, concat, type TimerClock, u16 } from '../../../core/index.ts'
import { localForward, socksServer, streamsOf, type Target } from '../../service/forward/index.ts'
import { FORWARD_ROUND_TRIPS_WARM_UP } from '../constants.ts'
import { dialLocal, type ForwardAddress, openForwardSession } from '../transports/forward.ts'

const LISTEN = { host: '127.0.0.1', port: 0 } as const

/** Milliseconds, one entry per answer. */
export interface ForwardTimes {
  /** Without a forward between. */
  readonly direct: readonly number[]
  readonly forwarded: readonly number[]
}

/** Round trips of one byte, directly and through a forward, in turns. */
export async function measureForward(text: string, count: number, clock: TimerClock): Promise<ForwardTimes> {
  const { address, target } = JSON.parse(text) as ForwardAddress
  const session = await openForwardSession(address, clock)
  const forward = await localForward({ open: streamsOf(session), listen: LISTEN, target })
  const sockets = [await dialLocal(target.port), await dialLocal(forward.port)] as const
  const times: [number[], number[]] = [[], []]
  for (let i = -FORWARD_ROUND_TRIPS_WARM_UP; i < count; i++) {
    for (const [which, socket] of sockets.entries()) {
      const startedAt = clock.now()
      await answer(socket, Uint8Array.of(1), 1)
      if (i >= 0) times[which]?.push(clock.now() - startedAt)
    }
  }
  for (const socket of sockets) socket.destroy()
  forward.close()
  await session.close()
  return { direct: times[0], forwarded: times[1] }
}

/** Connections through a SOCKS proxy, `atOnce` under way; each sends a byte, gets it back and closes. Per second. */
export async function measureSocks(
  text: string,
  { count, atOnce }: { readonly count: number; readonly atOnce: number },
  clock: TimerClock,
): Promise<number> {
  const { address, target } = JSON.parse(text) as ForwardAddress
  const session = await openForwardSession(address, clock)
  const proxy = await socksServer({ open: streamsOf(session), listen: LISTEN, clock })
  const greeting = socksGreeting(target)
  let started = 0
  const startedAt = clock.now()
  const oneAfterTheOther = async (): Promise<void> => {
    while (started < count) {
      started++
      const socket = await dialLocal(proxy.port)
      await answer(socket, greeting, SOCKS_ANSWER_BYTES)
      socket.destroy()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, oneAfterTheOther))
  const elapsedMs = clock.now() - startedAt
  proxy.close()
  await session.close()
  return (count * 1000) / elapsedMs
}

/** Method, reply, and the byte that comes back. */
const SOCKS_ANSWER_BYTES = 2 + 10 + 1

/** Greeting, request and the first byte of data in one piece. */
function socksGreeting({ host, port }: Target): Uint8Array {
  const address = Uint8Array.of(...host.split('.').map(Number))
  return concat(Uint8Array.of(5, 1, 0, 5, 1, 0, 1), address, u16(port), Uint8Array.of(1))
}

async function answer(socket: Socket, question: Uint8Array, bytes: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let left = bytes
    const onClose = (): void => reject(new AivError('E_LINK_LOST', 'the connection was closed'))
    const onData = (chunk: Uint8Array): void => {
      left -= chunk.length
      if (left > 0) return
      socket.off('data', onData).off('close', onClose)
      resolve()
    }
    socket.on('data', onData).on('close', onClose)
    socket.write(question)
  })
}
