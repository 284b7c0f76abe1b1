/** Round-trip time from PING replies: smoothed as TCP does (RFC 6298, gain 1/8), with the session's minimum. */
import { RTT_FLOOR_MS, RTT_INITIAL_MS } from '../../constants.ts'

export class RoundTrip {
  #smoothed: number | undefined
  #least = Number.POSITIVE_INFINITY

  sample(ms: number): void {
    this.#smoothed = this.#smoothed === undefined ? ms : this.#smoothed + (ms - this.#smoothed) / 8
    this.#least = Math.min(this.#least, ms)
  }

  /** Smoothed, never below the floor; the initial guess before the first sample. Milliseconds. */
  get ms(): number {
    return Math.max(RTT_FLOOR_MS, this.#smoothed ?? RTT_INITIAL_MS)
  }

  /** True while the smoothed time is above twice its minimum: bytes then only fill a queue. */
  get inflated(): boolean {
    return this.#smoothed !== undefined && this.ms > 2 * Math.max(RTT_FLOOR_MS, this.#least)
  }
}
