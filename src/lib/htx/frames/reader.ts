/**
 * Headers of 1.1 frames. What the header alone can decide (length, type, stream id form) is decided here, before
 * decryption and before anything of the frame is buffered beyond the chunks that already arrived.
 */
import { decodeVarint64, readU24, varintLengthFromFirstByte } from '../../core/index.ts'
import { malformed } from '../codes.ts'
import { FRAME_HEADER_MAX, FRAME_HEADER_MIN } from '../constants.ts'
import type { ChunkQueue } from './chunk-queue.ts'
import { FrameCutter, type FrameHead } from './cutter.ts'
import { FIRST_EXTENSION_TYPE, FRAME, LAST_EXTENSION_TYPE, type StreamId } from './types.ts'

export class FrameReader extends FrameCutter {
  readonly #maxFrame: number

  /**
   * @param maxFrame largest `length` accepted, bytes: our own MAX_FRAME
   * @param ownsChunks `release` may free the arrays given to `push`
   */
  constructor(maxFrame: number, ownsChunks = false) {
    super(ownsChunks)
    this.#maxFrame = maxFrame
  }

  protected readHead(queue: ChunkQueue): FrameHead | undefined {
    if (queue.bytes < FRAME_HEADER_MIN) return undefined
    const bytes = queue.peek(Math.min(FRAME_HEADER_MAX, queue.bytes))
    const length = readU24(bytes, 0)
    if (length > this.#maxFrame)
      throw malformed(`a frame of ${length} bytes, above MAX_FRAME ${this.#maxFrame}`)
    const type = bytes[3] as number
    if (type !== FRAME.STREAM && type !== FRAME.WINDOW_UPDATE) {
      const known =
        type <= FRAME.WINDOW_UPDATE || (type >= FIRST_EXTENSION_TYPE && type <= LAST_EXTENSION_TYPE)
      if (!known) throw malformed(`frame type ${type}`)
      return { type, streamId: undefined, header: queue.takeJoined(FRAME_HEADER_MIN), length }
    }
    const first = bytes[FRAME_HEADER_MIN]
    if (first === undefined) return undefined
    const idLength = varintLengthFromFirstByte(first)
    if (bytes.length < FRAME_HEADER_MIN + idLength) return undefined
    const streamId = readStreamId(bytes, FRAME_HEADER_MIN).id
    return { type, streamId, header: queue.takeJoined(FRAME_HEADER_MIN + idLength), length }
  }
}

/** Reads a stream id in shortest form; a ProtocolViolation otherwise. */
export function readStreamId(
  bytes: Uint8Array,
  at: number,
): { readonly id: StreamId; readonly next: number } {
  const first = bytes[at]
  if (first !== undefined && first < 0x40) return { id: first, next: at + 1 }
  try {
    const { value, next } = decodeVarint64(bytes, at)
    return { id: value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value, next }
  } catch {
    throw malformed('a stream id that is truncated or not in its shortest form')
  }
}
