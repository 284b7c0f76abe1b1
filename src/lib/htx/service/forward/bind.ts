/** The service `bind`: opens a port here for the peer; each connection to it becomes a stream `incoming` to the peer. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { u16 } from '../../../core/index.ts'
import { CODE } from '../../codes.ts'
import type { HtxSession } from '../../endpoint/htx-session.ts'
import type { HtxStream } from '../../endpoint/htx-stream.ts'
import { refusal, type Service } from '../accept-service.ts'
import { openRawService } from '../open-service.ts'
import { relay } from '../relay.ts'
import type { IpAddress } from './access/addresses.ts'
import { BINDS_PER_SESSION, CONNECTIONS_MOST } from './constants.ts'
import { dropConnection } from './drop-connection.ts'
import { type ForwardOptions, whileWanted } from './forward-options.ts'
import { systemResolve } from './names/system-resolve.ts'
import { denied, unreachable } from './reasons.ts'
import { permittedAddresses } from './resolve.ts'
import { formatTarget, isUnixPath, type Target, targetOf } from './target.ts'

export function bindService(options: ForwardOptions): Service {
  const counts = new WeakMap<HtxSession, number>()
  return async ({ accept, params, reader, session, stream }) => {
    const target = targetOf(params, 0)
    const count = counts.get(session) ?? 0
    if (count >= BINDS_PER_SESSION) throw refusal('too many ports are open for this session')
    counts.set(session, count + 1)
    const sockets = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
      sockets.add(socket.on('error', () => {}))
      socket.once('close', () => sockets.delete(socket))
      void carry(session, stream, socket)
    })
    server.maxConnections = CONNECTIONS_MOST
    try {
      const isPermitted = await open(server, target, session.peer, stream, options)
      // The list may have changed while the port was opened.
      if (!isPermitted()) throw denied()
      const forget = options.access.watch(() => {
        if (!isPermitted()) stream.abort(CODE.DENIED)
      })
      try {
        accept()
        const address = server.address() as AddressInfo | string
        stream.write(u16(typeof address === 'string' ? 0 : address.port))
        // The peer says nothing more: whatever comes ends the listening, and the loss of the session is no failure of it.
        await reader.atEnd().catch(() => true)
        stream.end()
      } finally {
        forget()
      }
    } finally {
      server.close()
      for (const socket of sockets) dropConnection(socket)
      counts.set(session, (counts.get(session) ?? 1) - 1)
    }
  }
}

async function open(
  server: Server,
  target: Target,
  peer: string,
  stream: HtxStream,
  { access, clock, resolve = systemResolve }: ForwardOptions,
): Promise<() => boolean> {
  const { signal, release } = whileWanted(stream, clock)
  try {
    let isPermitted = (): boolean => access.permitsUnix(peer, target.host)
    if (isUnixPath(target.host)) {
      if (!isPermitted()) throw denied()
      server.listen({ path: target.host })
    } else {
      const found = await permittedAddresses({
        access,
        clock,
        peer,
        target,
        purpose: 'open',
        resolve,
        signal,
      })
      const address = found[0] as IpAddress
      isPermitted = () => access.permits(peer, target, address, 'open')
      server.listen({ host: address.address, port: target.port })
    }
    await once(server, 'listening')
    // Out of file descriptors, connections are turned away; the port stays open.
    server.on('error', () => {})
    return isPermitted
  } catch (error) {
    throw unreachable(error)
  } finally {
    release()
  }
}

async function carry(session: HtxSession, bind: HtxStream, socket: Socket): Promise<void> {
  const from = formatTarget({ host: socket.remoteAddress ?? '/', port: socket.remotePort ?? 0 })
  try {
    const stream = await openRawService(session, 'incoming', { bind: bind.id, peer: from })
    await relay(stream, { readable: socket, writable: socket, onBroken: () => dropConnection(socket) })
    socket.destroy()
  } catch {
    // Nobody takes it on the other side: the client sees that its connection came to nothing.
    dropConnection(socket)
  }
}
