/** Bounds on the sockets of our own HTTP server that are not WebSockets (yet). */
import type { Socket } from 'node:net'
import { type NewcomerLimits, Newcomers } from '../socket/newcomers.ts'
import { remoteOf } from '../socket/server.ts'
import type { AnyHttpServer } from './upgrades.ts'

/**
 * Destroys the oldest sockets that have not upgraded when there are more than `limits`.
 * @returns call it with the socket of each upgrade: from then on it does not count
 */
export function boundPendingSockets(server: AnyHttpServer, limits: NewcomerLimits): (socket: Socket) => void {
  const newcomers = new Newcomers(limits)
  const leaving = new Map<string, () => void>()
  // Before TLS: a stalled TLS handshake costs a socket as a stalled request does.
  server.on('connection', (socket: Socket) => {
    const key = endpointsOf(socket)
    const leave = newcomers.enter(remoteOf(socket), () => socket.destroy())
    leaving.set(key, leave)
    socket.once('close', () => {
      leave()
      if (leaving.get(key) === leave) leaving.delete(key)
    })
  })
  return (socket) => {
    const key = endpointsOf(socket)
    leaving.get(key)?.()
    leaving.delete(key)
  }
}

/** The same for a TLS socket and for the plain one below it, which it does not show. */
function endpointsOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`
}
