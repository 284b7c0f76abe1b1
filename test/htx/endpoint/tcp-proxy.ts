/** A TCP proxy that does to a connection what networks do: cut, stall, corrupt, cut it into pieces. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export type Way = 'up' | 'down'

export interface ProxyFaults {
  /** Bytes that pass in this direction before the fault happens to the connection. */
  readonly after?: { readonly way: Way; readonly bytes: number; readonly fault: 'reset' | 'end' | 'stall' }
  /** The bit at this offset of the direction is changed. */
  readonly corrupt?: { readonly way: Way; readonly byte: number }
  /** Largest piece handed on at once, bytes. */
  readonly pieces?: number
}

export interface TcpProxy {
  readonly port: number
  /** Bytes passed, by direction, over all connections. */
  readonly passed: Record<Way, number>
  readonly connections: number
  /** Resets both ends of every connection. */
  cut(): void
  /** Resets the near end of every connection, and never says anything to the far one. */
  leave(): void
  /** Takes no more connections, and says nothing to the far side about those it has: a client that has moved on. */
  stop(): void
}

/** Starts a proxy to a port of this machine; every connection meets the same faults. */
export async function startProxy(target: number, faults: ProxyFaults = {}): Promise<TcpProxy> {
  const pairs: [Socket, Socket][] = []
  const passed: Record<Way, number> = { up: 0, down: 0 }
  let isSilent = false
  const tellsEnds = (): boolean => !isSilent
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    pairs.push([near, far])
    carry(near, far, 'up', faults, passed, tellsEnds)
    carry(far, near, 'down', faults, passed, tellsEnds)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    for (const pair of pairs.splice(0)) for (const socket of pair) socket.resetAndDestroy()
  }
  onTestFinished(() => {
    cut()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    passed,
    cut,
    leave() {
      isSilent = true
      for (const [near] of pairs) near.resetAndDestroy()
    },
    stop() {
      isSilent = true
      server.close()
    },
    get connections() {
      return pairs.length
    },
  }
}

function carry(
  from: Socket,
  to: Socket,
  way: Way,
  faults: ProxyFaults,
  passed: Record<Way, number>,
  tellsEnds: () => boolean,
): void {
  const { after, corrupt, pieces } = faults
  let carried = 0
  const limit = after?.way === way ? after.bytes : Number.POSITIVE_INFINITY
  const happen = (): void => {
    if (after?.fault === 'reset') for (const socket of [from, to]) socket.resetAndDestroy()
    else if (after?.fault === 'end') for (const socket of [from, to]) socket.end()
    // A stall takes nothing any more, and hands nothing on.
    else for (const socket of [from, to]) socket.pause()
  }
  from.on('error', () => tellsEnds() && to.destroy())
  from.on('end', () => tellsEnds() && to.end())
  from.on('close', () => tellsEnds() && to.destroy())
  to.on('drain', () => from.resume())
  from.on('data', (chunk: Buffer) => {
    const room = Math.max(0, limit - carried)
    const part = Buffer.from(chunk.subarray(0, room))
    if (corrupt?.way === way && corrupt.byte >= carried && corrupt.byte < carried + part.length) {
      const at = corrupt.byte - carried
      part[at] = (part[at] as number) ^ 0x10
    }
    carried += part.length
    passed[way] += part.length
    let taken = true
    for (let at = 0; at < part.length; at += pieces ?? part.length)
      taken = to.write(part.subarray(at, at + (pieces ?? part.length)))
    if (!taken) from.pause()
    if (chunk.length > room) happen()
  })
}
