/**
 * How a session ends (section 7): by our CLOSE, by the peer's, with its link, or because a frame did not authenticate;
 * and when the link below it is done.
 */
import { type Clock, type RandomSource, uniformReal } from '../../core/index.ts'
import { CODE, ProtocolViolation, type SessionEnd } from '../codes.ts'
import { CLOSE_WAIT_MS, UNAUTHENTICATED_DELAY_MS } from '../constants.ts'
import { buildClose, UnauthenticatedFrame } from '../frames/index.ts'
import type { ControlQueue } from './control-queue.ts'

/** `closing`: our CLOSE is out or queued, the peer's is awaited. `over`: nothing is read any more. */
type State = 'open' | 'closing' | 'over'

export interface SessionEndingOptions {
  readonly clock: Clock
  readonly random: RandomSource
  readonly control: ControlQueue
  /** Nothing that has arrived is read any more. */
  readonly discardInput: () => void
  /** Tells the streams, then the application. Called once. */
  readonly ended: (end: SessionEnd) => void
  /** Erases the keys and lets go of the link. Called once. */
  readonly linkDone: () => void
  readonly wake: () => void
}

export class SessionEnding {
  readonly #options: SessionEndingOptions
  #state: State = 'open'
  #end: SessionEnd | undefined
  #linkDone = false
  #linkDeadline = Number.POSITIVE_INFINITY

  constructor(options: SessionEndingOptions) {
    this.#options = options
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get isOver(): boolean {
    return this.#state === 'over'
  }

  get end(): SessionEnd | undefined {
    return this.#end
  }

  /** When the link is given up at the latest, once the session has ended; infinity when that is not awaited. */
  get deadline(): number {
    return this.#linkDone ? Number.POSITIVE_INFINITY : this.#linkDeadline
  }

  /** Sends a CLOSE and waits for the peer's. */
  close(code: number, reason: string): void {
    const { clock, control, wake } = this.#options
    control.replaceWithClose(buildClose(code, reason), () => {
      if (this.#state === 'over') this.finishLink()
      else this.#linkDeadline = clock.now() + CLOSE_WAIT_MS
    })
    this.#state = 'closing'
    // Bounds the wait even when the link takes nothing any more.
    this.#linkDeadline = clock.now() + CLOSE_WAIT_MS
    this.#tell({ cause: 'closed', code, reason, byPeer: false })
    wake()
  }

  /** The peer sent a CLOSE: the answer carries the same code; then the link is done. */
  closedByPeer(code: number, reason: string): void {
    const { clock, control, wake } = this.#options
    control.replaceWithClose(buildClose(code, ''), () => this.finishLink())
    this.#over({ cause: 'closed', code, reason, byPeer: true })
    this.#linkDeadline = clock.now() + CLOSE_WAIT_MS
    wake()
  }

  /**
   * Ends the session over what the peer did wrong; any other error is thrown again.
   * @param error whatever reading or sealing a frame has thrown
   */
  fault(error: unknown): void {
    if (error instanceof UnauthenticatedFrame) this.#unauthenticated(error.message)
    else if (!(error instanceof ProtocolViolation)) throw error
    else if (this.isOpen) this.close(error.closeCode, error.message)
    else this.finishOnceSaid()
  }

  /** Runs what may exceed a limit on behalf of the application, not of a frame: the session ends, the caller goes on. */
  guard(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.fault(error)
    }
  }

  /** The link ended or broke. */
  linkClosed(): void {
    if (this.#state === 'open') {
      this.#over({ cause: 'link-lost', code: CODE.OK, reason: 'the link ended without CLOSE', byPeer: true })
    }
    this.finishLink()
  }

  /** Nothing more is read. Our own CLOSE, if it still waits for the link, goes out before the link is done. */
  finishOnceSaid(): void {
    const { control, discardInput } = this.#options
    this.#state = 'over'
    discardInput()
    if (control.isEmpty) this.finishLink()
  }

  finishLink(): void {
    this.#state = 'over'
    if (this.#linkDone) return
    this.#linkDone = true
    // What still waited would be sealed under erased keys.
    this.#options.control.clear()
    this.#options.linkDone()
  }

  /** A frame did not authenticate: answering, or closing at once, would tell an attacker which byte was wrong. */
  #unauthenticated(reason: string): void {
    const { clock, control, random } = this.#options
    control.clear()
    this.#linkDeadline = clock.now() + uniformReal(random, 0, UNAUTHENTICATED_DELAY_MS)
    this.#over({ cause: 'unauthenticated', code: CODE.AUTH_FAILED, reason, byPeer: true })
  }

  #over(end: SessionEnd): void {
    this.#state = 'over'
    this.#options.discardInput()
    this.#tell(end)
  }

  #tell(end: SessionEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    this.#options.ended(end)
  }
}
