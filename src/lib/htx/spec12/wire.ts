/** Sealed 1.2 frames on the wire: their headers, and sealing one. */
import { readU16, readU24, readU32, writeU24, writeU32 } from '../../core/index.ts'
import { chacha20poly1305 } from '../../crypto/index.ts'
import { malformed } from '../codes.ts'
import { TAG_LENGTH } from '../constants.ts'
import { type ChunkQueue, FrameCutter, type FrameHead } from '../frames/index.ts'
import type { TrafficKeys } from './keys.ts'
import { FRAME_1_2, FRAME_MOST, HEADER_IN_LEN, HEADER_LENGTH } from './types.ts'

const LEN_LENGTH = 3
const KNOWN_TYPES: readonly number[] = Object.values(FRAME_1_2)

export class FrameReader12 extends FrameCutter {
  /** @param ownsChunks `release` may free the arrays given to `push` */
  constructor(ownsChunks = false) {
    super(ownsChunks)
  }

  protected readHead(queue: ChunkQueue): FrameHead | undefined {
    if (queue.bytes < LEN_LENGTH) return undefined
    const length = readU24(queue.peek(LEN_LENGTH), 0) - HEADER_IN_LEN - TAG_LENGTH
    if (length < 0 || length + HEADER_LENGTH + TAG_LENGTH > FRAME_MOST)
      throw malformed('a frame length out of range')
    if (queue.bytes < HEADER_LENGTH) return undefined
    const header = queue.takeJoined(HEADER_LENGTH)
    const type = header[3] as number
    if (!KNOWN_TYPES.includes(type)) throw malformed(`frame type ${type}`)
    if (readU16(header, 8) !== 0) throw malformed('a frame with further associated data')
    return { type, streamId: readU32(header, 4), header, length }
  }
}

/**
 * Seals one frame and appends its pieces to `out`.
 * @param plaintext `length` bytes together
 * @returns bytes appended
 */
export function sealFrame12(
  keys: TrafficKeys,
  type: number,
  streamId: number,
  plaintext: readonly Uint8Array[],
  length: number,
  out: Uint8Array[],
): number {
  const header = new Uint8Array(HEADER_LENGTH)
  writeU24(header, 0, HEADER_IN_LEN + length + TAG_LENGTH)
  header[3] = type
  writeU32(header, 4, streamId)
  const { ciphertext, tag } = chacha20poly1305.sealParts(
    keys.key,
    keys.nextNonce(),
    header,
    plaintext,
    length,
  )
  out.push(header)
  for (const piece of ciphertext) out.push(piece)
  out.push(tag)
  return HEADER_LENGTH + length + TAG_LENGTH
}
