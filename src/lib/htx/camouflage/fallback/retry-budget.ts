/** At most 2 retries a minute, however many calls they belong to: more would be a rhythm that nobody else has. */
import type { Clock } from '../../../core/index.ts'
import { RETRIES_MOST, RETRIES_WINDOW_MS } from './constants.ts'

/** The right to one retry. Exactly one of its methods is called, once. */
export interface Reservation {
  /** The retry begins now. */
  spend(): void
  /** There will be none. */
  release(): void
}

export class RetryBudget {
  readonly #clock: Clock
  /** Retries decided on that have not begun. */
  #reserved = 0
  /** When the last ones began, oldest first. */
  #begun: readonly number[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds until a retry may be decided on; infinity while those that are decided on have not begun. */
  get waitMs(): number {
    const now = this.#clock.now()
    const recent = this.#recent(now)
    const excess = recent.length + this.#reserved - RETRIES_MOST
    if (excess < 0) return 0
    return (recent[excess] ?? Number.POSITIVE_INFINITY) + RETRIES_WINDOW_MS - now
  }

  /** Undefined when the budget is used up. What is decided on counts from now on, since it begins only later. */
  reserve(): Reservation | undefined {
    if (this.waitMs > 0) return undefined
    this.#reserved++
    return {
      spend: () => {
        this.#reserved--
        const now = this.#clock.now()
        this.#begun = [...this.#recent(now), now]
      },
      release: () => {
        this.#reserved--
      },
    }
  }

  #recent(now: number): readonly number[] {
    return this.#begun.filter((at) => now - at < RETRIES_WINDOW_MS)
  }
}
