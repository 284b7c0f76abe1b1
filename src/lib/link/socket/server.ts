/** What the listeners on `node:net` share. */
import type { AddressInfo, Server, Socket } from 'node:net'
import { AivError } from '../../core/index.ts'
import { whenAborted } from '../attempt.ts'
import type { Listener, ListenOptions } from '../link.ts'
import { bareHost, hostPort } from './host-port.ts'
import { socketError } from './socket-errors.ts'

/** Binds any server built on `node:net` and keeps it alive through accept errors. */
export async function startListening(
  server: Server,
  options: Omit<ListenOptions, 'onLink'>,
): Promise<AddressInfo> {
  const { host, port, fd, signal, onError } = options
  const where = hostPort(host, port)
  if (signal?.aborted) throw new AivError('E_ABORTED', `listening on ${where} was aborted`)
  await new Promise<void>((resolve, reject) => {
    const onFailure = (error: Error): void => reject(socketError(`cannot listen on ${where}`, error))
    server.once('error', onFailure)
    server.listen(fd === undefined ? { host: bareHost(host), port } : { fd }, () => {
      server.off('error', onFailure)
      // The listener goes on; out of file descriptors, Node turns connections away without an error.
      server.on('error', (error) => onError?.(socketError(`cannot accept a connection on ${where}`, error)))
      resolve()
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') {
    server.close()
    throw new AivError('E_LINK', 'the socket that was passed on is not a TCP socket')
  }
  if (!signal?.aborted) return address
  server.close()
  throw new AivError('E_ABORTED', `listening on ${where} was aborted`)
}

/** The {@link Listener} of a bound server. */
export function listenerOf(
  kind: 'tcp' | 'ws' | 'https',
  server: Server,
  address: AddressInfo,
  options: ListenOptions,
): Listener {
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      forgetSignal()
      // Its callback waits for every accepted connection; the port is free as soon as the handle is closed.
      if (server.listening) server.close()
      setImmediate(resolve)
    })
  const forgetSignal = whenAborted(options.signal, () => void close())
  return { kind, host: address.address, port: address.port, close }
}

export function remoteOf(socket: Socket): string {
  return hostPort(socket.remoteAddress ?? 'unknown', socket.remotePort ?? 0)
}

export function localOf(socket: Socket): string {
  return hostPort(socket.localAddress ?? 'unknown', socket.localPort ?? 0)
}
