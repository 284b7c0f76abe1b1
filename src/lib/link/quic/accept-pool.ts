/**
 * Accept calls of a QUIC server. The library completes a handshake inside the call that took it up, has no time-out
 * for handshakes but that of silence, and offers no Retry: whoever sends first packets and nothing more, from any
 * forged address, holds one call each until the time-out. So calls are made as they are used up, and only
 * {@link QUIC_MAX_HANDSHAKES} bounds them.
 */
import { systemClock, type TimerClock } from '../../core/index.ts'
import { QUIC_ACCEPT_CHECK_MS, QUIC_FREE_ACCEPTS, QUIC_MAX_HANDSHAKES } from '../constants.ts'
import type { QuicConnection, QuicServer } from './binding.ts'

/** What the library says of calls on an endpoint that is gone; every other failure is one broken handshake. */
const ENDPOINT_CLOSED = 'server closed'

/**
 * Failures that only a handshake under way can have. Others may come with the first packet, and such a handshake is
 * not in the library's count.
 */
const FAILED_UNDER_WAY = /^timed out$|by peer/

export interface AcceptHandler {
  connection(connection: QuicConnection): void
  /** The endpoint failed for good. Called once, not after `stop`. */
  closed(error: unknown): void
}

type AcceptingServer = Pick<QuicServer, 'inboundConnection' | 'stats'>

export class AcceptPool {
  readonly #server: AcceptingServer
  readonly #handler: AcceptHandler
  readonly #clock: TimerClock
  #calls = 0
  #handshakesOver = 0
  #stopped = false
  #cancelCheck: () => void = () => {}

  constructor(server: AcceptingServer, handler: AcceptHandler, clock: TimerClock = systemClock) {
    this.#server = server
    this.#handler = handler
    this.#clock = clock
    this.#check()
  }

  /** Makes no more calls and reports nothing more of those that wait. */
  stop(): void {
    this.#stopped = true
    this.#cancelCheck()
  }

  /** No event says that a call has taken a handshake up, so the count is looked at from time to time. */
  #check(): void {
    this.#refill()
    this.#cancelCheck = this.#clock.schedule(QUIC_ACCEPT_CHECK_MS, () => this.#check())
  }

  #refill(): void {
    // Never less than there are: a broken handshake of unknown kind is taken for one that was not counted.
    const underWay = Number(this.#server.stats().acceptedHandshakes) - this.#handshakesOver
    // The library wakes every waiting call for each handshake, so few of them wait.
    const wanted = Math.min(underWay + QUIC_FREE_ACCEPTS, QUIC_MAX_HANDSHAKES)
    while (this.#calls < wanted) this.#call()
  }

  #call(): void {
    this.#calls++
    this.#server.inboundConnection().then(
      (connection) => this.#succeed(connection),
      (error: unknown) => this.#fail(error),
    )
  }

  #succeed(connection: QuicConnection): void {
    this.#calls--
    this.#handshakesOver++
    if (this.#stopped) {
      connection.abort()
      return
    }
    this.#refill()
    this.#handler.connection(connection)
  }

  /**
   * The next check makes the call again, which bounds what a broken socket or a stream of bad packets can cost. Broken
   * handshakes are not reported, or strangers could fill the operator's log with them.
   */
  #fail(error: unknown): void {
    this.#calls--
    if (this.#stopped) return
    const text = error instanceof Error ? error.message : ''
    if (FAILED_UNDER_WAY.test(text)) this.#handshakesOver++
    if (text === ENDPOINT_CLOSED) {
      this.stop()
      this.#handler.closed(error)
    }
  }
}
