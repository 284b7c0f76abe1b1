/** DATA in frames of Chrome's size, whatever the size of those that they come in. */
import { writeU24, writeU32 } from '../../../../core/index.ts'
import { CHROME_DATA_MOST, FLAG, FRAME, FRAME_HEADER_BYTES } from './constants.ts'

/** @param parts payloads in order; copied */
export function chromeData(
  streamId: number,
  parts: readonly Uint8Array[],
  isLast: boolean,
): readonly Uint8Array[] {
  let left = parts.reduce((sum, part) => sum + part.length, 0)
  const frames: Uint8Array[] = []
  let part = 0
  let partAt = 0
  do {
    const length = Math.min(left, CHROME_DATA_MOST)
    // Without clearing: every byte is written below.
    const frame = Buffer.allocUnsafeSlow(FRAME_HEADER_BYTES + length)
    left -= length
    writeU24(frame, 0, length)
    frame[3] = FRAME.data
    frame[4] = isLast && left === 0 ? FLAG.endStream : 0
    writeU32(frame, 5, streamId)
    for (let at = FRAME_HEADER_BYTES; at < frame.length; ) {
      const from = parts[part] as Uint8Array
      const taken = from.subarray(partAt, partAt + frame.length - at)
      frame.set(taken, at)
      at += taken.length
      partAt += taken.length
      if (partAt === from.length) {
        part++
        partAt = 0
      }
    }
    frames.push(frame)
  } while (left > 0)
  return frames
}
