/**
 * The anti-correlation fallback (section 11), from the failure of an attempt to the end of its last cover connection. A
 * client that answers a blocked connection with another one at once tells the censor what it blocked: here the retry
 * comes after pauses that are drawn one by one, among connections to sites that have nothing to do with it. Sans-IO:
 * events and time go in, actions come out.
 */
import { type Clock, type RandomSource, uniformReal } from '../../../core/index.ts'
import {
  AFTER_UDP_MS,
  COVER_DELAY_MS,
  RETRY_ATTEMPT_MS,
  RETRY_DELAY_MS,
  UDP_ATTEMPT_MS,
} from './constants.ts'
import { CoverSet } from './cover-set.ts'
import type { Reservation, RetryBudget } from './retry-budget.ts'

export type FallbackAction =
  | { readonly what: 'start-udp' | 'stop-udp' | 'start-retry' | 'stop-retry' }
  | { readonly what: 'open-cover'; readonly cover: number; readonly origin: string }
  | { readonly what: 'close-cover'; readonly cover: number }
  | { readonly what: 'finish'; readonly outcome: FallbackOutcome }

/**
 * `udp`, `retry`: that attempt succeeded. `failed`: the last retry did not. `spent`: no retry is left in this minute.
 * `uncovered`: too few cover connections can be had.
 */
export type FallbackOutcome = 'udp' | 'retry' | 'failed' | 'spent' | 'uncovered' | 'aborted'

export interface FallbackMachineOptions {
  readonly clock: Clock
  readonly random: RandomSource
  readonly budget: RetryBudget
  /** There is a camouflaged attempt over UDP. */
  readonly hasUdp: boolean
  /** Cover connections before each retry; 0 when the user does without. */
  readonly covers: number
  readonly origins: readonly string[]
  /** How long a retry may take, milliseconds; default 30,000. */
  readonly retryMs?: number
}

type Step = 'before' | 'udp' | 'after-udp' | 'before-cover' | 'before-retry' | 'retry' | 'over'

export class FallbackMachine {
  readonly #options: FallbackMachineOptions
  readonly #covers: CoverSet
  #actions: FallbackAction[] = []
  #step: Step = 'before'
  /** When the step is over by itself. */
  #stepEndsAt = Number.POSITIVE_INFINITY
  #reservation: Reservation | undefined

  constructor(options: FallbackMachineOptions) {
    this.#options = options
    this.#covers = new CoverSet({
      clock: options.clock,
      random: options.random,
      origins: options.origins,
      open: (cover, origin) => this.#act({ what: 'open-cover', cover, origin }),
      close: (cover) => this.#act({ what: 'close-cover', cover }),
    })
  }

  /** True when nothing runs, nothing is open and nothing more will happen. */
  get isDone(): boolean {
    return this.#step === 'over' && this.#covers.isEmpty
  }

  /** What to do, in order, once. */
  takeActions(): readonly FallbackAction[] {
    const actions = this.#actions
    this.#actions = []
    return actions
  }

  /** An attempt has failed. Called once, first. */
  begin(): void {
    if (!this.#reserve()) return
    if (this.#options.hasUdp) {
      this.#enter('udp', UDP_ATTEMPT_MS)
      this.#act({ what: 'start-udp' })
    } else this.#awaitCover()
  }

  udpSucceeded(): void {
    if (this.#step === 'udp') this.#finish('udp')
  }

  udpFailed(): void {
    if (this.#step === 'udp') this.#enter('after-udp', this.#draw(AFTER_UDP_MS))
  }

  retrySucceeded(): void {
    if (this.#step === 'retry') this.#finish('retry')
  }

  retryFailed(): void {
    if (this.#step === 'retry' && this.#reserve('failed')) this.#awaitCover()
  }

  /** The attempt that was under way has ended in a way that no retry would change. */
  giveUp(): void {
    if (this.#step !== 'over') this.#finish('failed')
  }

  coverOpened(cover: number): void {
    this.#covers.opened(cover)
  }

  /** A cover connection could not be opened, or its server ended it. */
  coverEnded(cover: number): void {
    if (!this.#covers.ended(cover)) return
    if (this.#step !== 'before-retry' || this.#covers.live >= this.#options.covers) return
    // Fails closed: a retry without its company would stand out.
    if (!this.#covers.openOne()) this.#finish('uncovered')
  }

  /** User traffic has begun on a cover connection, or has ended. */
  coverTraffic(cover: number, carries: boolean): void {
    this.#covers.traffic(cover, carries)
  }

  /** Ends everything at once, the cover connections included. */
  abort(): void {
    if (this.#step !== 'over') {
      if (this.#step === 'udp') this.#act({ what: 'stop-udp' })
      if (this.#step === 'retry') this.#act({ what: 'stop-retry' })
      this.#finish('aborted')
    }
    this.#covers.closeAll()
  }

  /** Call at or after `nextDeadline`. */
  tick(): void {
    this.#covers.tick()
    if (this.#options.clock.now() < this.#stepEndsAt) return
    switch (this.#step) {
      case 'udp':
        this.#act({ what: 'stop-udp' })
        this.udpFailed()
        return
      case 'after-udp':
        this.#awaitCover()
        return
      case 'before-cover':
        this.#openCover()
        return
      case 'before-retry':
        this.#startRetry()
        return
      case 'retry':
        this.#act({ what: 'stop-retry' })
        this.retryFailed()
        return
    }
  }

  /** When `tick` is wanted next, monotonic milliseconds; infinity when never. */
  nextDeadline(): number {
    return Math.min(this.#stepEndsAt, this.#covers.nextDeadline())
  }

  /** The decision to retry has been taken now. */
  #awaitCover(): void {
    if (this.#options.covers > 0) this.#enter('before-cover', this.#draw(COVER_DELAY_MS))
    else this.#enter('before-retry', this.#draw(RETRY_DELAY_MS))
  }

  #openCover(): void {
    this.#enter('before-retry', this.#draw(RETRY_DELAY_MS))
    this.#covers.startRound(this.#options.covers)
  }

  #startRetry(): void {
    this.#reservation?.spend()
    this.#reservation = undefined
    this.#enter('retry', this.#options.retryMs ?? RETRY_ATTEMPT_MS)
    this.#act({ what: 'start-retry' })
  }

  /** @param otherwise the outcome when no retry is left */
  #reserve(otherwise: 'spent' | 'failed' = 'spent'): boolean {
    this.#reservation = this.#options.budget.reserve()
    if (this.#reservation === undefined) this.#finish(otherwise)
    return this.#reservation !== undefined
  }

  #finish(outcome: FallbackOutcome): void {
    this.#reservation?.release()
    this.#reservation = undefined
    this.#enter('over', Number.POSITIVE_INFINITY)
    this.#act({ what: 'finish', outcome })
  }

  #enter(step: Step, lastsMs: number): void {
    this.#step = step
    this.#stepEndsAt = this.#options.clock.now() + lastsMs
  }

  #draw({ min, max }: { readonly min: number; readonly max: number }): number {
    return uniformReal(this.#options.random, min, max)
  }

  #act(action: FallbackAction): void {
    this.#actions.push(action)
  }
}
