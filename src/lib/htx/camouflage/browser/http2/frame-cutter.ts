/** Cuts what the local HTTP/2 engine writes into its preface and frames. */
import { readU24, readU32 } from '../../../../core/index.ts'
import { FRAME_HEADER_BYTES, PREFACE } from './constants.ts'

export interface CutFrame {
  readonly type: number
  readonly flags: number
  readonly streamId: number
  readonly payload: Uint8Array
}

export class FrameCutter {
  #held = new Uint8Array(0)
  #prefaceLeft = PREFACE.length

  /** Whole frames; what is left of one is kept. */
  push(bytes: Uint8Array): readonly CutFrame[] {
    const frames: CutFrame[] = []
    const skipped = Math.min(this.#prefaceLeft, bytes.length)
    this.#prefaceLeft -= skipped
    const fresh = bytes.subarray(skipped)
    const all = this.#held.length === 0 ? fresh : joined(this.#held, fresh)
    let at = 0
    while (all.length - at >= FRAME_HEADER_BYTES) {
      const end = at + FRAME_HEADER_BYTES + readU24(all, at)
      if (end > all.length) break
      frames.push({
        type: all[at + 3] as number,
        flags: all[at + 4] as number,
        streamId: readU32(all, at + 5),
        payload: all.subarray(at + FRAME_HEADER_BYTES, end),
      })
      at = end
    }
    // A copy: the engine uses its buffers again.
    this.#held = all.slice(at)
    return frames
  }
}

/** A frame is at most 16 KiB and comes in a piece or two, so that copying what is held stays cheap. */
function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length)
  all.set(first)
  all.set(second, first.length)
  return all
}
