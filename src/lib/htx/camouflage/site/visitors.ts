/** Connections of the site that carry no link (yet): bounded, and let go of with the listener. */
import type { Socket } from 'node:net'
import { type NewcomerLimits, Newcomers, remoteOf } from '../../../link/index.ts'

export class Visitors {
  readonly #newcomers: Newcomers
  readonly #leaving = new Map<string, () => void>()
  readonly #sockets = new Map<string, Socket>()

  constructor(limits: NewcomerLimits) {
    this.#newcomers = new Newcomers(limits)
  }

  /** Counts a connection before its TLS: a stalled handshake costs a place as a stalled request does. */
  enter(socket: Socket): void {
    const key = endpointsOf(socket)
    const leave = this.#newcomers.enter(remoteOf(socket), () => socket.destroy())
    this.#leaving.set(key, leave)
    this.#sockets.set(key, socket)
    socket.once('close', () => {
      leave()
      if (this.#leaving.get(key) === leave) this.#forget(key)
    })
  }

  /** The connection has become a link. */
  leave(socket: Socket): void {
    const key = endpointsOf(socket)
    this.#leaving.get(key)?.()
    this.#forget(key)
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.destroy()
  }

  #forget(key: string): void {
    this.#leaving.delete(key)
    this.#sockets.delete(key)
  }
}

/** The same for a TLS socket and for the plain one below it, which it does not show. */
function endpointsOf({ localAddress, remoteAddress, remotePort }: Socket): string {
  return `${localAddress} ${remoteAddress} ${remotePort}`
}
