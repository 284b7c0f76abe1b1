/** When the next attempt is due: pauses that all who wait share, and how many in a row got nowhere. */
import { AivError, type RandomSource, type TimerClock } from '../../core/index.ts'
import { BackOff, type BackOffBounds } from './back-off.ts'
import { BACK_OFF_MS, PROVEN_MS } from './constants.ts'

export interface Reconnecting {
  readonly error: AivError
  /** Counts attempts in a row that got nowhere, from 1. */
  readonly attempt: number
  /** Until the attempt, milliseconds. */
  readonly pauseMs: number
}

export interface AttemptsOptions {
  readonly clock: TimerClock
  readonly random: RandomSource
  /** Attempts in a row that get nowhere before giving up. */
  readonly retries: number
  readonly backOff?: BackOffBounds | undefined
  readonly signal?: AbortSignal | undefined
  readonly onPause?: ((event: Reconnecting) => void) | undefined
}

export class Attempts {
  readonly #options: AttemptsOptions
  readonly #backOff: BackOff
  #failures = 0
  #lastFailure: AivError | undefined
  /** The last failure was a session that ended as soon as it was there. */
  #isShunned = false
  /** Someone new asks: cuts a pause short. */
  #shorten: (() => void) | undefined
  #wake: (() => void) | undefined
  #isHurried = false
  #attemptedAt = Number.NEGATIVE_INFINITY

  constructor(options: AttemptsOptions) {
    this.#options = options
    this.#backOff = new BackOff(options.random, options.backOff)
  }

  /** The failure that nothing has followed yet. */
  get lastFailure(): AivError | undefined {
    return this.#lastFailure
  }

  /** Why there is a pause, without a word on whether that was a failure. */
  note(error: AivError): void {
    this.#lastFailure ??= error
  }

  /** An attempt got nowhere. Those that somebody new hurried on do not use up the patience of who waits. */
  count(error: AivError): void {
    this.#lastFailure = error
    this.#isShunned = false
    if (!this.#isHurried) this.#failures++
    this.#isHurried = false
  }

  /**
   * A session ended before it was of use. Whoever brings that about has each attempt cost both sides a handshake: it
   * counts for everybody, and nobody hurries the next one much.
   */
  countShunned(): void {
    this.#lastFailure ??= new AivError('E_LINK_LOST', 'the session ended at once')
    this.#failures++
    this.#isShunned = true
    this.#isHurried = false
  }

  /** There is a session: whoever waits goes on. */
  opened(): void {
    this.#lastFailure = undefined
    this.#isHurried = false
    this.#attemptedAt = this.#options.clock.now()
  }

  /** Something worked: the next trouble is a new one. */
  startAnew(): void {
    this.#backOff.reset()
    this.#failures = 0
    this.#isShunned = false
  }

  /** Someone new asks. */
  hurry(): void {
    if (!this.#isHurried) this.#shorten?.()
  }

  /** Ends the pause that is under way. */
  wake(): void {
    this.#wake?.()
  }

  /** @throws AivError the last failure, when the attempts are used up; `E_ABORTED` */
  async wait(): Promise<void> {
    const { retries, onPause } = this.#options
    const error = this.#lastFailure ?? new AivError('E_LINK_LOST', 'the session is over')
    if (this.#failures > retries) {
      this.startAnew()
      this.#lastFailure = undefined
      throw error
    }
    const pauseMs = this.#backOff.draw()
    onPause?.({ error, attempt: Math.max(1, this.#failures), pauseMs: Math.round(pauseMs) })
    await this.#pause(pauseMs)
  }

  async #pause(pauseMs: number): Promise<void> {
    const { clock, signal } = this.#options
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const onAbort = (): void => reject(givenUp())
    const dueAt = clock.now() + pauseMs
    let cancel = clock.schedule(pauseMs, resolve)
    this.#shorten = () => {
      this.#isHurried = true
      cancel()
      const soonestAt = this.#attemptedAt + (this.#isShunned ? PROVEN_MS : BACK_OFF_MS.first)
      cancel = clock.schedule(Math.max(0, Math.min(dueAt, soonestAt) - clock.now()), resolve)
    }
    this.#wake = resolve
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      if (signal?.aborted === true) onAbort()
      await promise
    } finally {
      cancel()
      signal?.removeEventListener('abort', onAbort)
      this.#shorten = undefined
      this.#wake = undefined
      this.#attemptedAt = clock.now()
    }
  }
}

export function givenUp(): AivError {
  return new AivError('E_ABORTED', 'the connection was given up')
}
