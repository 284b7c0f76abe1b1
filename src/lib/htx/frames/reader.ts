/**
 * Cuts a byte stream into sealed frames without copying them: the parser walks a list of chunks and hands out
 * subarrays. What the header alone can decide (length, type, stream id form) is decided here, before decryption and
 * before anything of the frame is buffered beyond the chunks that already arrived.
 */
import { decodeVarint64, readU24, varintLengthFromFirstByte } from '../../core/index.ts'
import { malformed } from '../codes.ts'
import { FRAME_HEADER_MAX, FRAME_HEADER_MIN, TAG_LENGTH } from '../constants.ts'
import { ChunkQueue } from './chunk-queue.ts'
import { FIRST_EXTENSION_TYPE, FRAME, LAST_EXTENSION_TYPE, type StreamId } from './types.ts'

export interface SealedFrame {
  readonly type: number
  /** Present exactly for STREAM and WINDOW_UPDATE. */
  readonly streamId: StreamId | undefined
  /** The header as sent: the associated data. */
  readonly header: Uint8Array
  /** Plaintext length = ciphertext length, bytes. */
  readonly length: number
  /** The ciphertext in one or more pieces. */
  readonly ciphertext: readonly Uint8Array[]
  readonly tag: Uint8Array
}

interface Head {
  readonly type: number
  readonly streamId: StreamId | undefined
  readonly header: Uint8Array
  readonly length: number
}

export class FrameReader {
  readonly #maxFrame: number
  readonly #queue: ChunkQueue
  #head: Head | undefined

  /**
   * @param maxFrame largest `length` accepted, bytes: our own MAX_FRAME
   * @param ownsChunks `release` may free the arrays given to `push`
   */
  constructor(maxFrame: number, ownsChunks = false) {
    this.#maxFrame = maxFrame
    this.#queue = new ChunkQueue(ownsChunks)
  }

  /** Bytes received and not yet handed out. */
  get buffered(): number {
    return this.#queue.bytes
  }

  /** True while the beginning of a frame has arrived and its end has not. Valid after `next` returned undefined. */
  get incomplete(): boolean {
    return this.#queue.bytes > 0 || this.#head !== undefined
  }

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk)
  }

  /**
   * The next whole frame, or undefined when more bytes are needed.
   * @throws ProtocolViolation MALFORMED_FRAME as soon as the header shows it
   */
  next(): SealedFrame | undefined {
    this.#head ??= this.#readHead()
    const head = this.#head
    if (head === undefined || this.#queue.bytes < head.length + TAG_LENGTH) return undefined
    this.#head = undefined
    const ciphertext = this.#queue.take(head.length)
    const tag = this.#queue.takeJoined(TAG_LENGTH)
    return { ...head, ciphertext, tag }
  }

  /** The frame that `next` gave has been read: its memory can go, if it is ours. */
  release(): void {
    this.#queue.release()
  }

  /** Forgets what is buffered: nothing is parsed past a fault. */
  discard(): void {
    this.#queue.clear()
    this.#head = undefined
  }

  #readHead(): Head | undefined {
    if (this.#queue.bytes < FRAME_HEADER_MIN) return undefined
    const bytes = this.#queue.peek(Math.min(FRAME_HEADER_MAX, this.#queue.bytes))
    const length = readU24(bytes, 0)
    if (length > this.#maxFrame)
      throw malformed(`a frame of ${length} bytes, above MAX_FRAME ${this.#maxFrame}`)
    const type = bytes[3] as number
    if (type !== FRAME.STREAM && type !== FRAME.WINDOW_UPDATE) {
      const known =
        type <= FRAME.WINDOW_UPDATE || (type >= FIRST_EXTENSION_TYPE && type <= LAST_EXTENSION_TYPE)
      if (!known) throw malformed(`frame type ${type}`)
      return { type, streamId: undefined, header: this.#queue.takeJoined(FRAME_HEADER_MIN), length }
    }
    const first = bytes[FRAME_HEADER_MIN]
    if (first === undefined) return undefined
    const idLength = varintLengthFromFirstByte(first)
    if (bytes.length < FRAME_HEADER_MIN + idLength) return undefined
    const streamId = readStreamId(bytes, FRAME_HEADER_MIN).id
    return { type, streamId, header: this.#queue.takeJoined(FRAME_HEADER_MIN + idLength), length }
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
