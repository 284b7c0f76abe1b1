/**
 * How fast the link takes bytes, measured while it is the bottleneck. It bounds the frame size, so that a bulk stream
 * on a slow link delays a small one by about ten milliseconds, and how far ahead of the socket frames are sealed.
 */
import type { Clock } from '../../../core/index.ts'
import { FRAME_DATA_LEAST, FRAME_TIME_MS, KIB } from '../../constants.ts'

/** A sample spans at least this long, milliseconds, and at least this many bytes. */
const SAMPLE_MS = 20
const SAMPLE_BYTES = 16 * KIB
/** Sealed frames waiting for the socket are worth at most this much link time: what is sealed has lost its turn. */
const AHEAD_MS = 5
const AHEAD_LEAST = 8 * KIB
/** Before the first sample the link may be slow. */
const AHEAD_UNKNOWN = 256 * KIB

export class LinkRate {
  readonly #clock: Clock
  #bytesPerMs: number | undefined
  #since: number | undefined
  #bytes = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * @param bytes the socket has accepted since the last call
   * @param busy true when more is still waiting for the socket; only then does the link, not the sender, set the pace
   */
  accepted(bytes: number, busy: boolean): void {
    const now = this.#clock.now()
    if (this.#since !== undefined) {
      this.#bytes += bytes
      const elapsed = now - this.#since
      if (elapsed >= SAMPLE_MS && this.#bytes >= SAMPLE_BYTES) {
        const rate = this.#bytes / elapsed
        this.#bytesPerMs =
          this.#bytesPerMs === undefined ? rate : this.#bytesPerMs + (rate - this.#bytesPerMs) / 4
        this.#since = now
        this.#bytes = 0
      }
    }
    if (!busy) this.#since = undefined
    else if (this.#since === undefined) {
      this.#since = now
      this.#bytes = 0
    }
  }

  /** True when bytes waited for the socket at the last report. */
  get isBusy(): boolean {
    return this.#since !== undefined
  }

  /** Data bytes one frame may carry: `clamp(rate x 10 ms, 1,200, most)`. */
  frameData(most: number): number {
    if (this.#bytesPerMs === undefined) return most
    return Math.min(most, Math.max(FRAME_DATA_LEAST, Math.floor(this.#bytesPerMs * FRAME_TIME_MS)))
  }

  /** Bytes that may wait, sealed, for the socket; at most `most`. */
  ahead(most: number): number {
    if (this.#bytesPerMs === undefined) return Math.min(most, AHEAD_UNKNOWN)
    return Math.min(most, Math.max(AHEAD_LEAST, Math.floor(this.#bytesPerMs * AHEAD_MS)))
  }
}
