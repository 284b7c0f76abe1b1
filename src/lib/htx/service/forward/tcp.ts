/** The service `tcp`: connects to what the access list permits and relays, each direction with its own end. */
import type { Socket } from 'node:net'
import { CODE } from '../../codes.ts'
import type { Service, ServiceRequest } from '../accept-service.ts'
import { relay } from '../relay.ts'
import { dialAddresses, dialUnix } from './dial.ts'
import { dropConnection } from './drop-connection.ts'
import { type ForwardOptions, whileWanted } from './forward-options.ts'
import { systemResolve } from './names/system-resolve.ts'
import { denied, unreachable } from './reasons.ts'
import { permittedAddresses } from './resolve.ts'
import { isUnixPath, type Target, targetOf } from './target.ts'

interface Reached {
  readonly socket: Socket
  /** Asked again when the access list has changed. */
  isPermitted(): boolean
}

export function tcpService(options: ForwardOptions): Service {
  return async (request) => {
    const { accept, reader, stream } = request
    const target = targetOf(request.params, 1)
    const { socket, isPermitted } = await reach(target, request, options)
    let forget = (): void => {}
    try {
      // The list may have changed while the target was dialled; from here on the watch below hears of it.
      if (!isPermitted()) throw denied()
      accept()
      reader.release()
      forget = options.access.watch(() => {
        if (!isPermitted()) stream.abort(CODE.DENIED)
      })
      // A plain close would look like the end of the data.
      await relay(stream, { readable: socket, writable: socket, onBroken: () => dropConnection(socket) })
      socket.destroy()
    } catch (error) {
      dropConnection(socket)
      throw error
    } finally {
      forget()
    }
  }
}

async function reach(
  target: Target,
  { session, stream }: ServiceRequest,
  { access, clock, resolve = systemResolve }: ForwardOptions,
): Promise<Reached> {
  const { peer } = session
  const { signal, release } = whileWanted(stream, clock)
  try {
    if (isUnixPath(target.host)) {
      const isPermitted = (): boolean => access.permitsUnix(peer, target.host)
      if (!isPermitted()) throw denied()
      return { socket: await dialUnix(target.host, { clock, signal }), isPermitted }
    }
    const addresses = await permittedAddresses({
      access,
      clock,
      peer,
      target,
      purpose: 'reach',
      resolve,
      signal,
    })
    const { socket, address } = await dialAddresses(addresses, target, { clock, signal })
    return { socket, isPermitted: () => access.permits(peer, target, address, 'reach') }
  } catch (error) {
    throw unreachable(error)
  } finally {
    release()
  }
}
