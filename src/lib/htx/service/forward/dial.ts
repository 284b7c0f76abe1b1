/** A TCP connection to what a peer may reach. */
import { connect, type Socket } from 'node:net'
import type { TimerClock } from '../../../core/index.ts'
import type { IpAddress } from './access/addresses.ts'
import { DIAL_MS } from './constants.ts'
import { isUnixPath, type Target } from './target.ts'

export interface DialOptions {
  readonly clock: TimerClock
  readonly signal: AbortSignal
}

/** Tries the addresses one after the other; together they have ten seconds. @throws the error of the last one */
export async function dialAddresses(
  addresses: readonly IpAddress[],
  { port }: Target,
  options: DialOptions,
): Promise<{ readonly socket: Socket; readonly address: IpAddress }> {
  const attemptMs = DIAL_MS / addresses.length
  let failure: unknown
  for (const address of addresses) {
    try {
      // The address itself: a name would be resolved a second time, perhaps to something else.
      const socket = await dial({ host: address.address, port }, attemptMs, options)
      return { socket, address }
    } catch (error) {
      failure = error
      options.signal.throwIfAborted()
    }
  }
  throw failure
}

/** A connection to a UNIX socket. */
export async function dialUnix(path: string, options: DialOptions): Promise<Socket> {
  return await dial({ path }, DIAL_MS, options)
}

/** What the operator named: its name is resolved as for any program of this machine. */
export async function dialTarget({ host, port }: Target, options: DialOptions): Promise<Socket> {
  return isUnixPath(host) ? await dialUnix(host, options) : await dial({ host, port }, DIAL_MS, options)
}

async function dial(
  where: { readonly host: string; readonly port: number } | { readonly path: string },
  limitMs: number,
  { clock, signal }: DialOptions,
): Promise<Socket> {
  signal.throwIfAborted()
  const socket = connect({ ...where, allowHalfOpen: true, noDelay: true })
  return await new Promise<Socket>((resolve, reject) => {
    const fail = (error: unknown): void => {
      settle()
      socket.destroy()
      reject(error)
    }
    const onAbort = (): void => fail(signal.reason)
    const cancel = clock.schedule(limitMs, () =>
      fail(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })),
    )
    const settle = (): void => {
      cancel()
      signal.removeEventListener('abort', onAbort)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    // Stays for good: a reset between two owners of the socket must not end the process.
    socket.on('error', fail)
    socket.once('connect', () => {
      settle()
      resolve(socket)
    })
  })
}
