/** When a sender has to change its key (section 4.3). */
import type { Clock } from '../../core/index.ts'
import { REKEY } from '../constants.ts'

export interface RekeyThresholds {
  /** Frame bytes since the last key. */
  readonly bytes: number
  readonly frames: number
  readonly ms: number
}

export class RekeyDue {
  readonly #clock: Clock
  readonly #thresholds: RekeyThresholds
  #bytes = 0
  #since: number
  #rekeys = 0

  constructor(clock: Clock, thresholds: RekeyThresholds = REKEY) {
    this.#clock = clock
    this.#thresholds = thresholds
    this.#since = clock.now()
  }

  /** How often the key was changed. */
  get rekeys(): number {
    return this.#rekeys
  }

  /** @param frames sealed under the present key */
  isDue(frames: number): boolean {
    return (
      frames >= this.#thresholds.frames ||
      this.#bytes >= this.#thresholds.bytes ||
      this.#clock.now() - this.#since >= this.#thresholds.ms
    )
  }

  sealed(bytes: number): void {
    this.#bytes += bytes
  }

  rekeyed(): void {
    this.#bytes = 0
    this.#since = this.#clock.now()
    this.#rekeys++
  }
}
