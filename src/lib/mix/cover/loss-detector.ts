/**
 * Whether more loops get lost than honest nodes lose: a binomial test on the last few outcomes and on longer histories, so that a
 * full blockade is seen after a few loops and a small one after many.
 */
import { binomialUpperTail } from '../analysis/statistics/index.ts'
import { TOLERATED_LOSS } from './constants.ts'

/** Lengths of the histories. The shortest decides how soon a full blockade is seen. */
const WINDOWS = [3, 8, 32, 128, 512] as const
const LONGEST = 512

/**
 * Losses in each window that are too many.
 * @param falseAlarms per day that are accepted
 * @param outcomesPerDay how often the test is made
 */
export function lossThresholds(falseAlarms: number, outcomesPerDay: number): readonly number[] {
  const alpha = falseAlarms / (Math.max(1, outcomesPerDay) * WINDOWS.length)
  return WINDOWS.map((window) => {
    let losses = 1
    while (losses <= window && binomialUpperTail(losses, window, TOLERATED_LOSS) > alpha) losses++
    return losses
  })
}

export class LossDetector {
  readonly #thresholds: readonly number[]
  /** 1 for a loss, in a ring. */
  readonly #outcomes = new Uint8Array(LONGEST)
  /** Losses in each window. */
  readonly #losses = new Uint16Array(WINDOWS.length)
  #count = 0
  #isAlarmed = false

  /** @param thresholds from {@link lossThresholds} */
  constructor(thresholds: readonly number[]) {
    this.#thresholds = thresholds
  }

  /** True while some window has too many losses. */
  get isAlarmed(): boolean {
    return this.#isAlarmed
  }

  /** Takes one outcome. @returns true when it raises the alarm */
  add(isLost: boolean): boolean {
    const place = this.#count % LONGEST
    const value = isLost ? 1 : 0
    let isAlarmed = false
    WINDOWS.forEach((window, i) => {
      // The outcome that leaves this window; the ring is as long as the longest, so it is still there.
      const left = this.#count >= window ? (this.#outcomes[(this.#count - window) % LONGEST] as number) : 0
      const losses = (this.#losses[i] as number) + value - left
      this.#losses[i] = losses
      if (losses >= (this.#thresholds[i] as number)) isAlarmed = true
    })
    this.#outcomes[place] = value
    this.#count++
    const isRaised = isAlarmed && !this.#isAlarmed
    this.#isAlarmed = isAlarmed
    return isRaised
  }
}
