/** DATA in frames of Chrome's size, whatever the size of those that they come in. */
import { writeU24, writeU32 } from '../../../../core/index.ts'
import { CHROME_DATA_MOST, FLAG, FRAME, FRAME_HEADER_BYTES } from './constants.ts'

/**
 * All but the last frame fill a record of TLS, so that written at once they still fall into one record each.
 * @param parts payloads in order; copied
 */
export function chromeData(streamId: number, parts: readonly Uint8Array[], isLast: boolean): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const frames = Math.max(1, Math.ceil(length / CHROME_DATA_MOST))
  // Without clearing: every byte is written below.
  const out = Buffer.allocUnsafeSlow(length + frames * FRAME_HEADER_BYTES)
  const source = new PartReader(parts)
  let at = 0
  for (let frame = 1; frame <= frames; frame++) {
    const bytes = frame < frames ? CHROME_DATA_MOST : length - (frames - 1) * CHROME_DATA_MOST
    writeU24(out, at, bytes)
    out[at + 3] = FRAME.data
    out[at + 4] = isLast && frame === frames ? FLAG.endStream : 0
    writeU32(out, at + 5, streamId)
    at += FRAME_HEADER_BYTES
    source.copy(out.subarray(at, at + bytes))
    at += bytes
  }
  return out
}

class PartReader {
  readonly #parts: readonly Uint8Array[]
  #index = 0
  #at = 0

  constructor(parts: readonly Uint8Array[]) {
    this.#parts = parts
  }

  /** Fills `to`; there is as much left. */
  copy(to: Uint8Array): void {
    for (let done = 0; done < to.length; ) {
      const part = this.#parts[this.#index] as Uint8Array
      const taken = part.subarray(this.#at, this.#at + to.length - done)
      to.set(taken, done)
      done += taken.length
      this.#at += taken.length
      if (this.#at < part.length) continue
      this.#index++
      this.#at = 0
    }
  }
}
