/**
 * Arrays from which the QUIC library reads what is written. It does so on a thread of its own, so an array may be used
 * again, or freed, only when its write has succeeded; that of a failed write is left to the collector.
 */
import { QUIC_SMALL_WRITE_BYTES, QUIC_SPARE_BATCHES, QUIC_WRITE_BYTES } from '../constants.ts'

export class WriteBatches {
  readonly #spare: Uint8Array[] = []

  /** An array for the next of `waiting` bytes. Its content is whatever was there before: only what was set is written. */
  take(waiting: number): Uint8Array {
    if (waiting < QUIC_SMALL_WRITE_BYTES) return Buffer.allocUnsafeSlow(waiting)
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(QUIC_WRITE_BYTES)
  }

  /** The write of this array has succeeded. */
  giveBack(batch: Uint8Array): void {
    if (batch.length === QUIC_WRITE_BYTES && this.#spare.length < QUIC_SPARE_BATCHES) this.#spare.push(batch)
  }
}
