/**
 * Runs attempts to reach one peer, with the fallback of section 11 when one fails. One of these lives as long as its
 * command does: it remembers across calls that the last attempt failed, so that the next is a retry like any other, and
 * how many retries there have been.
 */
import { AivError, isAivError, type RandomSource, type TimerClock } from '../../../core/index.ts'
import { COVERS } from './constants.ts'
import { parseCoverOrigins, requireOtherNames } from './cover-origins.ts'
import { FallbackRun } from './fallback-run.ts'
import type { CoverPolicy, FallbackWork } from './fallback-work.ts'
import { RetryBudget } from './retry-budget.ts'

export interface FallbackOptions {
  readonly clock: TimerClock
  readonly random: RandomSource
  /** `none` when the user does without; undefined when there is no list, and then there is no retry. */
  readonly cover: CoverPolicy | 'none' | undefined
  /** Names and addresses of the HTX origin: host of the address, site of the grant, calibrated origin. */
  readonly hosts: readonly string[]
  /** How long a retry may take, milliseconds; default 30,000. */
  readonly retryMs?: number
}

export class Fallback {
  readonly #options: FallbackOptions
  readonly #budget: RetryBudget
  readonly #runs = new Set<Pick<FallbackRun<unknown>, 'abort' | 'openCovers'>>()
  readonly #closing = new AbortController()
  /** Why the last attempt failed, when none has succeeded since. */
  #lastFailure: AivError | undefined

  /** @throws AivError `E_USAGE` for a list of cover origins that would not do */
  constructor(options: FallbackOptions) {
    const { cover } = options
    if (cover === undefined || cover === 'none') this.#options = options
    else {
      const origins = parseCoverOrigins(cover.origins)
      requireOtherNames(origins, options.hosts)
      this.#options = { ...options, cover: { ...cover, origins } }
    }
    this.#budget = new RetryBudget(options.clock)
  }

  /** Cover connections that are open, or being opened. */
  get openCovers(): number {
    return [...this.#runs].reduce((sum, run) => sum + run.openCovers, 0)
  }

  /**
   * One attempt, and retries where it fails.
   * @throws AivError what the last attempt threw; `E_UNREACHABLE` when no retry is left in this minute or too few cover
   *   connections can be had; `E_USAGE` when a retry is due and there is no list of cover origins, or one of them shares
   *   an address with the HTX origin; `E_ABORTED`
   */
  async run<T>(work: FallbackWork<T>): Promise<T> {
    const signal = AbortSignal.any([
      this.#closing.signal,
      ...(work.signal === undefined ? [] : [work.signal]),
    ])
    requireNotAborted(signal)
    if (this.#lastFailure !== undefined) return await this.#retry(work, signal, this.#lastFailure)
    let value: T
    try {
      value = await work.attempt({ signal, isFresh: false })
    } catch (error) {
      requireNotAborted(signal)
      if (!isAivError(error) || !work.isWayFailure(error)) throw error
      return await this.#retry(work, signal, error)
    }
    if (signal.aborted) work.discard(value)
    requireNotAborted(signal)
    return value
  }

  /** Ends everything at once. */
  close(): void {
    this.#closing.abort()
    for (const run of [...this.#runs]) run.abort()
  }

  async #retry<T>(work: FallbackWork<T>, signal: AbortSignal, failure: AivError): Promise<T> {
    const { cover } = this.#options
    // A later call does not take its attempt for a first one.
    this.#lastFailure = failure
    if (cover === undefined) {
      throw new AivError(
        'E_USAGE',
        `${failure.message}; to retry without cover connections would stand out`,
        {
          cause: failure,
          hint: 'Give a list of cover origins, or say that there is to be no cover.',
        },
      )
    }
    const run = new FallbackRun<T>({
      ...this.#options,
      cover: cover === 'none' ? undefined : cover,
      covers: cover === 'none' ? 0 : COVERS,
      budget: this.#budget,
      work,
      failure,
      onDone: () => this.#runs.delete(run),
    })
    this.#runs.add(run)
    try {
      const result = await run.start(signal)
      this.#lastFailure = undefined
      return result
    } catch (error) {
      this.#lastFailure = run.failure
      throw error
    }
  }
}

function requireNotAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new AivError('E_ABORTED', 'the connection attempt was given up')
}
