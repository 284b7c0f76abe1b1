/** Connected TCP sockets without a proxy. */
import { connect, type Socket } from 'node:net'
import { whenAborted } from '../attempt.ts'
import { hostPort } from './host-port.ts'
import { socketError } from './socket-errors.ts'

/**
 * A connected socket that is half-open, without delay, and not flowing yet.
 * @throws the reason of `signal`, or AivError `E_UNREACHABLE`, `E_PERMISSION`, `E_TIMEOUT`, `E_LINK`
 */
export function connectDirectly(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true })
    const forgetSignal = whenAborted(signal, () => {
      socket.destroy()
      reject(signal.reason)
    })
    // Stays for good: a reset between two owners of the socket must not end the process.
    socket.on('error', (error) => {
      forgetSignal()
      reject(socketError(`cannot reach ${hostPort(host, port)}`, error))
    })
    socket.once('connect', () => {
      forgetSignal()
      resolve(socket)
    })
  })
}
