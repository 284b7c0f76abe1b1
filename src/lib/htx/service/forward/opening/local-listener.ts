/** Accepts connections on this machine and hands each to a forward; none outlives its listener. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { AivError } from '../../../../core/index.ts'
import { CONNECTIONS_MOST } from '../constants.ts'
import { dropConnection } from '../drop-connection.ts'
import { formatTarget } from '../target.ts'

/** A port, or a UNIX socket. */
export type LocalEndpoint =
  | {
      /** Every interface when absent. */
      readonly host?: string
      /** 0 picks one. */
      readonly port: number
    }
  | { readonly path: string }

/** Owns the socket until the promise is settled. `signal` aborts when the listener closes. */
export type Serve = (socket: Socket, signal: AbortSignal) => Promise<void>

export interface LocalListener {
  /** `127.0.0.1:1080` with the real port, or the path of the UNIX socket. */
  readonly where: string
  readonly port: number
  close(): void
}

/** @throws AivError `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_IO` */
export async function listenLocally(endpoint: LocalEndpoint, serve: Serve): Promise<LocalListener> {
  const over = new AbortController()
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    // Stays for good: a reset between two owners of the socket must not end the process.
    sockets.add(socket.on('error', () => {}))
    socket.once('close', () => sockets.delete(socket))
    void serve(socket, over.signal)
  })
  server.maxConnections = CONNECTIONS_MOST
  await started(server, endpoint)
  // Out of file descriptors, connections are turned away; the listener goes on.
  server.on('error', () => {})
  const address = server.address() as AddressInfo | string
  return {
    where:
      typeof address === 'string' ? address : formatTarget({ host: address.address, port: address.port }),
    port: typeof address === 'string' ? 0 : address.port,
    close: () => {
      over.abort(new AivError('E_ABORTED', 'the forward was closed'))
      server.close()
      for (const socket of sockets) dropConnection(socket)
    },
  }
}

async function started(server: Server, endpoint: LocalEndpoint): Promise<void> {
  try {
    server.listen(endpoint)
    await once(server, 'listening')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const where =
      'path' in endpoint ? endpoint.path : formatTarget({ host: endpoint.host ?? '*', port: endpoint.port })
    if (code === 'EADDRINUSE')
      throw new AivError('E_ADDRESS_IN_USE', `${where} is in use`, { cause, hint: 'Choose another port.' })
    if (code === 'EACCES') throw new AivError('E_PERMISSION', `${where} may not be opened`, { cause })
    throw new AivError('E_IO', `cannot listen on ${where}: ${message}`, { cause })
  }
}
