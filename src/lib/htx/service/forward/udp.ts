/** The service `udp`: one flow of datagrams with one target that the access list permits. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { CODE } from '../../codes.ts'
import type { HtxStream } from '../../endpoint/htx-stream.ts'
import type { Service } from '../accept-service.ts'
import type { ByteReader } from '../byte-reader.ts'
import type { IpAddress } from './access/addresses.ts'
import { UDP_IDLE_MS, UDP_WAITING_MOST } from './constants.ts'
import { encodeDatagram, readDatagram } from './datagrams.ts'
import { type ForwardOptions, whileWanted } from './forward-options.ts'
import { systemResolve } from './names/system-resolve.ts'
import { denied, unreachable } from './reasons.ts'
import { permittedAddresses } from './resolve.ts'
import { isUnixPath, type Target, targetOf } from './target.ts'

export function udpService(options: ForwardOptions): Service {
  const { access, clock, resolve = systemResolve } = options
  return async ({ accept, params, reader, session, stream }) => {
    const { peer } = session
    const target = targetOf(params, 1)
    if (isUnixPath(target.host)) throw denied()
    const { signal, release } = whileWanted(stream, clock)
    let socket: Socket
    let address: IpAddress
    try {
      const found = await permittedAddresses({
        access,
        clock,
        peer,
        target,
        purpose: 'reach',
        resolve,
        signal,
      })
      address = found[0] as IpAddress
      socket = await connectedSocket(address, target)
    } catch (error) {
      throw unreachable(error)
    } finally {
      release()
    }
    const isPermitted = (): boolean => access.permits(peer, target, address, 'reach')
    let forget = (): void => {}
    let stopIdle = (): void => {}
    const active = (): void => {
      stopIdle()
      stopIdle = clock.schedule(UDP_IDLE_MS, () => stream.abort(CODE.IDLE))
    }
    try {
      // The list may have changed while the name was resolved.
      if (!isPermitted()) throw denied()
      forget = access.watch(() => {
        if (!isPermitted()) stream.abort(CODE.DENIED)
      })
      accept()
      active()
      socket.on('message', (datagram) => {
        active()
        if (!stream.writableEnded && stream.writableLength < UDP_WAITING_MOST)
          stream.write(encodeDatagram(datagram))
      })
      await sendAll(reader, stream, socket, active)
      stream.end()
    } finally {
      stopIdle()
      forget()
      socket.close()
    }
  }
}

/** A connected socket hears its target only. */
async function connectedSocket({ address, family }: IpAddress, { port }: Target): Promise<Socket> {
  const socket = createSocket(family === 'ipv4' ? 'udp4' : 'udp6')
  try {
    socket.connect(port, address)
    await once(socket, 'connect')
    // What comes back as an ICMP error is no more than a datagram that was lost.
    socket.on('error', () => {})
    return socket
  } catch (error) {
    socket.close()
    throw error
  }
}

async function sendAll(
  reader: ByteReader,
  stream: HtxStream,
  socket: Socket,
  active: () => void,
): Promise<void> {
  for (;;) {
    const datagram = await readDatagram(reader)
    if (datagram === undefined || stream.destroyed) return
    active()
    // One at a time: the peer waits while the system does.
    await new Promise<void>((resolve) => socket.send(datagram, () => resolve()))
  }
}
