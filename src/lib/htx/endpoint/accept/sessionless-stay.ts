/** How long a link without a session may stay, and the slots that it takes meanwhile (sections 14 and 15). */
import { uniformReal } from '../../../core/index.ts'
import { UNAUTHENTICATED_DELAY_MS } from '../../constants.ts'
import type { AcceptorContext } from './acceptor-context.ts'

/** A discarded link closes this long after the listener's own draw, at most; milliseconds. */
const DISCARD_EXTRA_MS = 30_000

type StayContext = Pick<
  AcceptorContext,
  'admission' | 'clock' | 'random' | 'discardMs' | 'handshakeDeadlineMs'
>

export class SessionlessStay {
  /** Time since the link was accepted begins here, milliseconds of the clock. */
  readonly #acceptedAt: number
  readonly #context: StayContext
  readonly #prefix: string
  readonly #release: (() => void)[] = []
  #cancelDeadline: () => void = () => {}

  /** @param prefix the /24 or /56 of the link */
  constructor(context: StayContext, prefix: string) {
    this.#context = context
    this.#prefix = prefix
    this.#acceptedAt = context.clock.now()
  }

  /** Milliseconds since the link was accepted. */
  get ageMs(): number {
    return this.#context.clock.now() - this.#acceptedAt
  }

  /** Takes a slot and starts the deadline of the handshake. @returns false when no slot is free */
  enterHandshake(onDeadline: () => void): boolean {
    const { admission, clock, handshakeDeadlineMs } = this.#context
    const leave = admission.enterHandshake(this.#prefix)
    if (leave === undefined) return false
    this.#release.push(leave)
    this.#cancelDeadline = clock.schedule(handshakeDeadlineMs, onDeadline)
    return true
  }

  /** Another delay has begun, which the deadline must not cut short. */
  dropDeadline(): void {
    this.#cancelDeadline()
  }

  /** Gives the slot of the handshake back and goes to those that are only read from, until `onOver`. */
  enterDiscard(onOver: () => void): void {
    const { admission, clock, random, discardMs } = this.#context
    this.leave()
    this.#release.push(admission.enterDiscard(this.#prefix))
    const after = discardMs + uniformReal(random, 0, DISCARD_EXTRA_MS) - this.ageMs
    this.#release.push(clock.schedule(after, onOver))
  }

  /** The end that follows a forged message 3. The slot stays taken, so that failing is not cheaper than waiting. */
  endLate(onOver: () => void): void {
    this.dropDeadline()
    const { clock, random } = this.#context
    this.#release.push(clock.schedule(uniformReal(random, 0, UNAUTHENTICATED_DELAY_MS), onOver))
  }

  /** Gives back all that was taken and stops every timer. */
  leave(): void {
    this.#cancelDeadline()
    for (const release of this.#release.splice(0)) release()
  }
}
