/** The service `bind`: opens a port here for the peer; each connection to it becomes a stream `incoming` to the peer. */
import { once } from 'node:events'
import type { Server, Socket } from 'node:net'
import { u16 } from '../../../core/index.ts'
import type { HtxStream } from '../../endpoint/htx-stream.ts'
import type { Service } from '../accept-service.ts'
import { openRawService } from '../open-service.ts'
import { relay } from '../relay.ts'
import type { IpAddress } from './access/addresses.ts'
import { BoundPort, BoundPorts, type PortHolder } from './bound-ports.ts'
import { dropConnection } from './drop-connection.ts'
import { type ForwardOptions, whileWanted } from './forward-options.ts'
import { systemResolve } from './names/system-resolve.ts'
import { denied, unreachable } from './reasons.ts'
import { permittedAddresses } from './resolve.ts'
import { formatTarget, isUnixPath, type Target, targetOf } from './target.ts'

export function bindService(options: ForwardOptions): Service {
  const ports = new BoundPorts()
  return async ({ accept, params, reader, session, stream }) => {
    const target = targetOf(params, 0)
    const holder = { session, stream }
    const leave = ports.enter(session)
    const earlier = ports.earlier(session, target)
    const port = earlier ?? new BoundPort(target, holder, (to, socket) => void carry(to, socket))
    try {
      if (earlier === undefined)
        port.isPermitted = await open(port.server, target, session.peer, stream, options)
      // The list may have changed while the port was opened.
      if (!port.isPermitted()) throw denied()
      if (earlier === undefined) {
        ports.add(port)
        const forget = options.access.watch(() => {
          if (!port.isPermitted()) port.revoke()
        })
        // Connections of earlier holders outlive the port.
        port.server.once('close', forget)
      } else port.handTo(holder)
      accept()
      stream.write(u16(port.number))
      // The peer says nothing more: whatever comes ends the listening, and the loss of the session is no failure of it.
      await reader.atEnd().catch(() => true)
      stream.end()
    } finally {
      port.leave(holder)
      leave()
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

async function carry({ session, stream: bind }: PortHolder, socket: Socket): Promise<void> {
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
