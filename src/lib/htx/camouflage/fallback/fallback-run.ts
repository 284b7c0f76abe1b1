/** Drives one fallback: does what the machine says with real attempts, connections and timers. */
import { AivError, isAivError, type RandomSource, type TimerClock } from '../../../core/index.ts'
import { CoverConnections } from './cover-connections.ts'
import { type FallbackAction, FallbackMachine, type FallbackOutcome } from './fallback-machine.ts'
import type { CoverPolicy, FallbackWork } from './fallback-work.ts'
import type { RetryBudget } from './retry-budget.ts'

export interface FallbackRunOptions<T> {
  readonly clock: TimerClock
  readonly random: RandomSource
  readonly cover: CoverPolicy | undefined
  readonly covers: number
  readonly hosts: readonly string[]
  readonly retryMs?: number
  readonly budget: RetryBudget
  readonly work: FallbackWork<T>
  /** Why there is a fallback. */
  readonly failure: AivError
  /** Nothing runs and nothing is open any more. */
  readonly onDone: () => void
}

export class FallbackRun<T> {
  readonly #options: FallbackRunOptions<T>
  readonly #machine: FallbackMachine
  readonly #covers: CoverConnections | undefined
  readonly #result = Promise.withResolvers<T>()
  /** Ends the attempt that is under way. */
  #attempt: AbortController | undefined
  #value: { readonly of: T } | undefined
  #failure: AivError
  /** The operator's list is at fault. */
  #fault: AivError | undefined
  #cancelTimer: (() => void) | undefined
  #isPumping = false
  #isAborted = false

  constructor(options: FallbackRunOptions<T>) {
    this.#options = options
    this.#failure = options.failure
    const { clock, random, budget, covers, cover, retryMs, hosts, work } = options
    this.#machine = new FallbackMachine({
      clock,
      random,
      budget,
      hasUdp: work.udpAttempt !== undefined,
      covers,
      origins: cover?.origins ?? [],
      ...(retryMs === undefined ? {} : { retryMs }),
    })
    if (cover !== undefined) {
      this.#covers = new CoverConnections({
        open: cover.open,
        resolve: cover.resolve,
        hosts,
        opened: (id) => this.#do(() => this.#machine.coverOpened(id)),
        ended: (id, error) => this.#coverEnded(id, error),
        traffic: (id, carries) => this.#do(() => this.#machine.coverTraffic(id, carries)),
      })
    }
  }

  get openCovers(): number {
    return this.#covers?.size ?? 0
  }

  /** Why the last attempt failed. */
  get failure(): AivError {
    return this.#failure
  }

  /** @throws AivError as `Fallback.run` does */
  async start(signal: AbortSignal): Promise<T> {
    const onAbort = (): void => this.abort()
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      this.#do(() => this.#machine.begin())
      if (signal.aborted) onAbort()
      return await this.#result.promise
    } finally {
      // The cover connections of an attempt that worked live on.
      signal.removeEventListener('abort', onAbort)
    }
  }

  abort(): void {
    this.#isAborted = true
    this.#do(() => this.#machine.abort())
  }

  #coverEnded(cover: number, error: unknown): void {
    if (isAivError(error, 'E_USAGE')) {
      this.#fault ??= error
      this.abort()
    }
    this.#do(() => this.#machine.coverEnded(cover))
  }

  /** Tells the machine something, then does what it says. */
  #do(event: () => void): void {
    event()
    // An action may bring the next event at once: its actions come after those that are under way.
    if (this.#isPumping) return
    this.#isPumping = true
    for (let actions = this.#machine.takeActions(); actions.length > 0; actions = this.#machine.takeActions())
      for (const action of actions) this.#act(action)
    this.#isPumping = false
    this.#arm()
  }

  #act(action: FallbackAction): void {
    const { work } = this.#options
    switch (action.what) {
      case 'start-udp':
        this.#begin(
          work.udpAttempt,
          () => this.#machine.udpSucceeded(),
          () => this.#machine.udpFailed(),
        )
        return
      case 'start-retry':
        this.#begin(
          work.attempt,
          () => this.#machine.retrySucceeded(),
          () => this.#machine.retryFailed(),
        )
        return
      case 'stop-udp':
      case 'stop-retry':
        if (!this.#isAborted)
          this.#failure = new AivError('E_TIMEOUT', 'the attempt took too long', { cause: this.#failure })
        this.#attempt?.abort()
        this.#attempt = undefined
        return
      case 'open-cover':
        this.#covers?.open(action.cover, action.origin)
        return
      case 'close-cover':
        this.#covers?.close(action.cover)
        return
      case 'finish':
        this.#finish(action.outcome)
        return
    }
  }

  #begin(start: FallbackWork<T>['attempt'] | undefined, succeeded: () => void, failed: () => void): void {
    const { work } = this.#options
    const attempt = new AbortController()
    this.#attempt = attempt
    start?.({ signal: attempt.signal, isFresh: true }).then(
      (value) => {
        if (this.#attempt !== attempt) {
          work.discard(value)
          return
        }
        this.#attempt = undefined
        this.#value = { of: value }
        this.#do(succeeded)
      },
      (error: unknown) => {
        if (this.#attempt !== attempt) return
        this.#attempt = undefined
        if (isAivError(error) && work.isWayFailure(error)) {
          this.#failure = error
          this.#do(failed)
          return
        }
        // It would happen again: not the way failed but what is at its end.
        this.#result.reject(error)
        this.#do(() => this.#machine.giveUp())
      },
    )
  }

  #finish(outcome: FallbackOutcome): void {
    if (this.#value !== undefined) this.#result.resolve(this.#value.of)
    else this.#result.reject(this.#fault ?? this.#errorFor(outcome))
  }

  #errorFor(outcome: FallbackOutcome): AivError {
    const cause = this.#failure
    switch (outcome) {
      case 'aborted':
        return new AivError('E_ABORTED', 'the connection attempt was given up')
      case 'spent': {
        const seconds = Math.ceil(this.#options.budget.waitMs / 1000)
        const when = Number.isFinite(seconds) ? `in ${seconds} s` : 'when those under way have ended'
        return new AivError('E_UNREACHABLE', `${cause.message}; the next retry is allowed ${when}`, { cause })
      }
      case 'uncovered':
        return new AivError(
          'E_UNREACHABLE',
          `${cause.message}; too few cover origins can be reached to retry`,
          {
            cause,
            hint: 'Name more cover origins that can be reached from here.',
          },
        )
      default:
        return cause
    }
  }

  #arm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const { clock, onDone } = this.#options
    if (this.#machine.isDone) {
      onDone()
      return
    }
    const at = this.#machine.nextDeadline()
    if (at === Number.POSITIVE_INFINITY) return
    this.#cancelTimer = clock.schedule(Math.max(0, at - clock.now()), () =>
      this.#do(() => this.#machine.tick()),
    )
  }
}
