/** What the site knows about one connection. */
import type { ServerResponse } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { type Clock, type RandomSource, utf8 } from '../../../core/index.ts'
import { constantTimeEqual } from '../../../crypto/index.ts'
import { addressPrefix, localOf, remoteOf } from '../../../link/index.ts'
import { type AccessTicketBinding, encodeBase64Url } from '../../ticket/index.ts'
import { SESSION_COOKIE_BYTES, SESSION_LIFE_MS } from './constants.ts'

export type Exporter = (length: number, label: string, context: Uint8Array) => Uint8Array

export interface VisitOptions {
  readonly clock: Clock
  readonly random: RandomSource
  readonly binding: (exporter: Exporter | undefined) => AccessTicketBinding
  /** The connection no longer counts among those that carry no link. */
  readonly onLeave: () => void
}

interface Session {
  readonly value: Uint8Array
  readonly until: number
}

export class Visit {
  readonly socket: TLSSocket
  readonly localAddress: string
  readonly remoteAddress: string
  /** The /24 or /56 that it comes from. */
  readonly prefix: string
  /** Undefined before TLS 1.3: there is no link for such a visitor. */
  readonly exporter: Exporter | undefined
  /** Answers over HTTP/1.1 that are under way. */
  readonly responses = new Set<ServerResponse>()
  readonly #options: VisitOptions
  readonly #waiting = new Set<AbortController>()
  #binding: AccessTicketBinding | undefined
  #session: Session | undefined

  constructor(socket: TLSSocket, options: VisitOptions) {
    this.socket = socket
    this.localAddress = localOf(socket)
    this.remoteAddress = remoteOf(socket)
    this.prefix = addressPrefix(this.remoteAddress)
    this.exporter =
      socket.getProtocol() === 'TLSv1.3'
        ? (length, label, context) =>
            new Uint8Array(socket.exportKeyingMaterial(length, label, Buffer.from(context)))
        : undefined
    this.#options = options
    socket.once('close', () => {
      for (const waiting of this.#waiting) waiting.abort()
    })
  }

  /**
   * For one answer: aborted when the connection closes. An answer that waits behind another one is not told of that by
   * the server, and what it holds would stay open.
   */
  waitForAnswer(): AbortController {
    const waiting = new AbortController()
    if (this.socket.destroyed) waiting.abort()
    else this.#waiting.add(waiting)
    return waiting
  }

  /** The answer has been sent, or has become a tunnel. */
  forget(waiting: AbortController): void {
    this.#waiting.delete(waiting)
  }

  get binding(): AccessTicketBinding {
    this.#binding ??= this.#options.binding(this.exporter)
    return this.#binding
  }

  /** A value for the session cookie. */
  newSessionValue(): string {
    return encodeBase64Url(this.#options.random.bytes(SESSION_COOKIE_BYTES))
  }

  /** Lets the next upgrade of this connection in that brings the value, for a while. */
  rememberSession(value: string): void {
    this.#session = { value: utf8(value), until: this.#options.clock.now() + SESSION_LIFE_MS }
  }

  /** Whether the value is the one that was remembered; it is forgotten then. The time says nothing about either. */
  takeSession(value: string): boolean {
    const known = this.#session
    // A stand-in of the same length, so that there is always something to compare with.
    const expected = known?.value ?? utf8(this.newSessionValue())
    const matches = constantTimeEqual(expected, utf8(value))
    if (known === undefined || !matches) return false
    this.#session = undefined
    return this.#options.clock.now() < known.until
  }

  leave(): void {
    this.#options.onLeave()
  }
}
