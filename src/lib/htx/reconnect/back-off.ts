/** Pauses between attempts: exponential, with full jitter, so that the clients of one listener do not come in step. */
import { type RandomSource, uniformReal } from '../../core/index.ts'
import { BACK_OFF_MS } from './constants.ts'

export interface BackOffBounds {
  /** Milliseconds. */
  readonly first: number
  readonly most: number
}

export class BackOff {
  readonly #random: RandomSource
  readonly #bounds: BackOffBounds
  #boundMs: number

  constructor(random: RandomSource, bounds: BackOffBounds = BACK_OFF_MS) {
    this.#random = random
    this.#bounds = bounds
    this.#boundMs = bounds.first
  }

  /** The next pause, milliseconds. */
  draw(): number {
    const pauseMs = uniformReal(this.#random, 0, this.#boundMs)
    this.#boundMs = Math.min(this.#bounds.most, this.#boundMs * 2)
    return pauseMs
  }

  /** Something worked: the next trouble is a new one. */
  reset(): void {
    this.#boundMs = this.#bounds.first
  }
}
