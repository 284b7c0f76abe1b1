/** What a live listener takes and tells. */
import type { TimerClock } from '../../../core/index.ts'
import type { FoundHello } from '../find/found-hello.ts'
import type { FlightFault } from './first-flight.ts'

/**
 * Why a connection gave no hello. `silent`: it did not come in time; `closed`: the client went before; `crowded`: others
 * needed the place.
 */
export type LiveSkip = FlightFault | 'silent' | 'closed' | 'crowded'

export interface LiveOptions {
  readonly host: string
  /** 0 asks for a free port. */
  readonly port: number
  /** Certificate chain and key as PEM. */
  readonly cert: string | Uint8Array
  readonly key: string | Uint8Array
  readonly clock: TimerClock
  /** Called for each hello, before the handshake: also for clients that then refuse our certificate. */
  readonly onHello: (found: FoundHello) => void
  /** The page that a client gets about itself: JSON. */
  readonly answer: (found: FoundHello) => string
  readonly onSkip?: (reason: LiveSkip, src: string) => void
  /** A handshake that failed, with the words of the TLS library. */
  readonly onHandshakeError?: (src: string, reason: string) => void
  /** Accept errors that do not end the listener. */
  readonly onError?: (error: Error) => void
}

export interface LiveListener {
  readonly host: string
  readonly port: number
  /** Stops listening; whoever is being answered has a moment to get it. */
  close(): Promise<void>
}
