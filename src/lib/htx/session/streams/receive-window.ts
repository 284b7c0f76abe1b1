/**
 * What one side lets the other send, for one stream or for the whole session (section 6.2). Only differences are
 * kept, so the numbers stay exact however long the session lives.
 */

/** What a window needs to know to grow. */
export interface GrowthConditions {
  /** Smoothed round trip, milliseconds. */
  readonly rttMs: number
  /** Largest size, bytes. */
  readonly maxBytes: number
}

export class ReceiveWindow {
  #size: number
  /** Granted and not yet received. */
  #available: number
  /** Received and not yet consumed by the application. */
  #unconsumed = 0
  #consumedSinceUpdate = 0
  #updatedAt: number

  /** @param initialBytes what HELLO granted */
  constructor(initialBytes: number, now: number) {
    this.#size = initialBytes
    this.#available = initialBytes
    this.#updatedAt = now
  }

  /** Bytes the peer may have on the way or in our buffers at most. */
  get size(): number {
    return this.#size
  }

  get unconsumed(): number {
    return this.#unconsumed
  }

  /** Accounts for arrived bytes; false when the peer sent more than it was granted. */
  receive(bytes: number): boolean {
    if (bytes > this.#available) return false
    this.#available -= bytes
    this.#unconsumed += bytes
    return true
  }

  /** The application has taken `bytes`. */
  consume(bytes: number): void {
    this.#unconsumed -= bytes
    this.#consumedSinceUpdate += bytes
  }

  /** True once half of the window has been consumed since the last update. */
  get updateDue(): boolean {
    return this.#consumedSinceUpdate > 0 && this.#consumedSinceUpdate * 2 >= this.#size
  }

  /** Makes the window at least `bytes`; the difference is granted with the next update. */
  enlarge(bytes: number): void {
    if (bytes > this.#size) this.#size = bytes
  }

  /**
   * Takes the credit of an update that is due, growing the window first when it was used up within four round trips.
   * @returns bytes to grant, possibly 0
   */
  takeCredit(now: number, growth: GrowthConditions | undefined): number {
    if (growth !== undefined && this.#size < growth.maxBytes && this.#isFast(now, growth.rttMs)) {
      this.#size = Math.min(this.#size * 2, growth.maxBytes)
    }
    const credit = Math.max(0, this.#size - this.#available - this.#unconsumed)
    this.#available += credit
    this.#consumedSinceUpdate = 0
    this.#updatedAt = now
    return credit
  }

  /** True when an update taken now would double the window if conditions allow. */
  #isFast(now: number, rttMs: number): boolean {
    return now - this.#updatedAt < 4 * rttMs
  }
}
