/**
 * Cuts a byte stream into sealed frames without copying them: the parser walks a list of chunks and hands out
 * subarrays. What the header alone can decide (length, type, stream id form) is decided here, before decryption and
 * before anything of the frame is buffered beyond the chunks that already arrived.
 */
import { decodeVarint64, readU24, varintLengthFromFirstByte } from '../../core/index.ts'
import { malformed } from '../codes.ts'
import { FRAME_HEADER_MAX, FRAME_HEADER_MIN, TAG_LENGTH } from '../constants.ts'
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
  readonly #chunks: Uint8Array[] = []
  /** Index of the first chunk in use; the array is compacted now and then instead of shifted every time. */
  #first = 0
  /** Offset in the first chunk. */
  #offset = 0
  #available = 0
  #head: Head | undefined

  /** @param maxFrame largest `length` accepted, bytes: our own MAX_FRAME */
  constructor(maxFrame: number) {
    this.#maxFrame = maxFrame
  }

  /** Bytes received and not yet handed out. */
  get buffered(): number {
    return this.#available
  }

  /** True while the beginning of a frame has arrived and its end has not. Valid after `next` returned undefined. */
  get incomplete(): boolean {
    return this.#available > 0 || this.#head !== undefined
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#available += chunk.length
  }

  /**
   * The next whole frame, or undefined when more bytes are needed.
   * @throws ProtocolViolation MALFORMED_FRAME as soon as the header shows it
   */
  next(): SealedFrame | undefined {
    this.#head ??= this.#readHead()
    const head = this.#head
    if (head === undefined || this.#available < head.length + TAG_LENGTH) return undefined
    this.#head = undefined
    const ciphertext = this.#take(head.length)
    const tag = this.#takeJoined(TAG_LENGTH)
    return { ...head, ciphertext, tag }
  }

  /** Forgets what is buffered: nothing is parsed past a fault. */
  discard(): void {
    this.#chunks.length = 0
    this.#first = 0
    this.#offset = 0
    this.#available = 0
    this.#head = undefined
  }

  #readHead(): Head | undefined {
    if (this.#available < FRAME_HEADER_MIN) return undefined
    const bytes = this.#peek(Math.min(FRAME_HEADER_MAX, this.#available))
    const length = readU24(bytes, 0)
    if (length > this.#maxFrame)
      throw malformed(`a frame of ${length} bytes, above MAX_FRAME ${this.#maxFrame}`)
    const type = bytes[3] as number
    if (type !== FRAME.STREAM && type !== FRAME.WINDOW_UPDATE) {
      const known =
        type <= FRAME.WINDOW_UPDATE || (type >= FIRST_EXTENSION_TYPE && type <= LAST_EXTENSION_TYPE)
      if (!known) throw malformed(`frame type ${type}`)
      return { type, streamId: undefined, header: this.#takeJoined(FRAME_HEADER_MIN), length }
    }
    const first = bytes[FRAME_HEADER_MIN]
    if (first === undefined) return undefined
    const idLength = varintLengthFromFirstByte(first)
    if (bytes.length < FRAME_HEADER_MIN + idLength) return undefined
    const streamId = readStreamId(bytes, FRAME_HEADER_MIN).id
    return { type, streamId, header: this.#takeJoined(FRAME_HEADER_MIN + idLength), length }
  }

  #peek(length: number): Uint8Array {
    const chunk = this.#chunks[this.#first] as Uint8Array
    if (chunk.length - this.#offset >= length) return chunk.subarray(this.#offset, this.#offset + length)
    const out = new Uint8Array(length)
    let at = 0
    let offset = this.#offset
    for (let i = this.#first; at < length; i++) {
      const source = this.#chunks[i] as Uint8Array
      const part = source.subarray(offset, offset + length - at)
      out.set(part, at)
      at += part.length
      offset = 0
    }
    return out
  }

  #take(length: number): Uint8Array[] {
    const parts: Uint8Array[] = []
    let left = length
    while (left > 0) {
      const chunk = this.#chunks[this.#first] as Uint8Array
      const end = Math.min(chunk.length, this.#offset + left)
      parts.push(chunk.subarray(this.#offset, end))
      left -= end - this.#offset
      this.#advance(end)
    }
    this.#available -= length
    return parts
  }

  #takeJoined(length: number): Uint8Array {
    const parts = this.#take(length)
    if (parts.length === 1) return parts[0] as Uint8Array
    const out = new Uint8Array(length)
    let at = 0
    for (const part of parts) {
      out.set(part, at)
      at += part.length
    }
    return out
  }

  #advance(offset: number): void {
    const chunk = this.#chunks[this.#first] as Uint8Array
    if (offset < chunk.length) {
      this.#offset = offset
      return
    }
    this.#offset = 0
    this.#first++
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = 0
      this.#first = 0
    } else if (this.#first >= 64) {
      this.#chunks.splice(0, this.#first)
      this.#first = 0
    }
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
