/** Sealed 1.2 frames on the wire: cutting them out of a byte stream, sealing and opening one. */
import { readU16, readU24, readU32, writeU24, writeU32 } from '../../core/index.ts'
import { chacha20poly1305 } from '../../crypto/index.ts'
import { malformed } from '../codes.ts'
import { TAG_LENGTH } from '../constants.ts'
import { ChunkQueue, type SealedFrame } from '../frames/index.ts'
import type { TrafficKeys } from './keys.ts'
import { FRAME_1_2, FRAME_MOST, HEADER_IN_LEN, HEADER_LENGTH } from './types.ts'

const LEN_LENGTH = 3
const KNOWN_TYPES: readonly number[] = Object.values(FRAME_1_2)

interface Head {
  readonly type: number
  readonly streamId: number
  readonly header: Uint8Array
  readonly length: number
}

export class FrameReader12 {
  readonly #queue: ChunkQueue
  #head: Head | undefined

  /** @param ownsChunks `release` may free the arrays given to `push` */
  constructor(ownsChunks = false) {
    this.#queue = new ChunkQueue(ownsChunks)
  }

  /** True while the beginning of a frame has arrived and its end has not. Valid after `next` returned undefined. */
  get incomplete(): boolean {
    return this.#queue.bytes > 0 || this.#head !== undefined
  }

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk)
  }

  /**
   * The next whole frame, or undefined when more bytes are needed. The stream id is there for every type.
   * @throws ProtocolViolation MALFORMED_FRAME as soon as the header shows it
   */
  next(): SealedFrame | undefined {
    this.#head ??= this.#readHead()
    const head = this.#head
    if (head === undefined || this.#queue.bytes < head.length + TAG_LENGTH) return undefined
    this.#head = undefined
    const ciphertext = this.#queue.take(head.length)
    return { ...head, ciphertext, tag: this.#queue.takeJoined(TAG_LENGTH) }
  }

  /** Frees what was handed out, if it is ours. */
  release(): void {
    this.#queue.release()
  }

  /** Forgets what is buffered: nothing is parsed past a fault. */
  discard(): void {
    this.#queue.clear()
    this.#head = undefined
  }

  #readHead(): Head | undefined {
    if (this.#queue.bytes < LEN_LENGTH) return undefined
    const length = readU24(this.#queue.peek(LEN_LENGTH), 0) - HEADER_IN_LEN - TAG_LENGTH
    // Before anything of the frame is awaited: a length alone must not make us wait or buffer.
    if (length < 0 || length + HEADER_LENGTH + TAG_LENGTH > FRAME_MOST)
      throw malformed('a frame length out of range')
    if (this.#queue.bytes < HEADER_LENGTH) return undefined
    const header = this.#queue.takeJoined(HEADER_LENGTH)
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
