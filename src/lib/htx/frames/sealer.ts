/** Seals outgoing frames under the keys of one direction and rekeys when a threshold is reached (section 4.3). */
import { type Clock, encodeVarint, writeU24 } from '../../core/index.ts'
import { chacha20poly1305 } from '../../crypto/index.ts'
import { FRAME_HEADER_MIN, REKEY, TAG_LENGTH } from '../constants.ts'
import type { DirectionKeys } from '../keys/direction.ts'
import { buildKeyUpdate } from './payload.ts'
import { eraseJoined, joinPieces } from './scratch.ts'
import { FRAME, type StreamId } from './types.ts'

export interface RekeyThresholds {
  /** Frame bytes since the last key. */
  readonly bytes: number
  readonly frames: number
  readonly ms: number
}

export class FrameSealer {
  readonly #keys: DirectionKeys
  readonly #clock: Clock
  readonly #thresholds: RekeyThresholds
  #bytes = 0
  #since: number
  #rekeys = 0

  constructor(keys: DirectionKeys, clock: Clock, thresholds: RekeyThresholds = REKEY) {
    this.#keys = keys
    this.#clock = clock
    this.#thresholds = thresholds
    this.#since = clock.now()
  }

  get rekeys(): number {
    return this.#rekeys
  }

  /** True when a KEY_UPDATE has to come before the next other frame. */
  get rekeyDue(): boolean {
    return (
      this.#keys.counter >= this.#thresholds.frames ||
      this.#bytes >= this.#thresholds.bytes ||
      this.#clock.now() - this.#since >= this.#thresholds.ms
    )
  }

  /**
   * Seals one frame and appends its pieces to `out`.
   * @param streamId for STREAM and WINDOW_UPDATE only
   * @param plaintext pieces in order, `length` bytes together
   * @returns bytes appended
   */
  seal(
    type: number,
    streamId: StreamId | undefined,
    plaintext: readonly Uint8Array[],
    length: number,
    out: Uint8Array[],
  ): number {
    const header = buildHeader(type, streamId, length)
    const { ciphertext, tag } = chacha20poly1305.sealParts(
      this.#keys.key,
      this.#keys.nextNonce(),
      header,
      [joinPieces(plaintext, length)],
      length,
    )
    // What was joined outlives the keys otherwise.
    if (plaintext.length > 1) eraseJoined(length)
    out.push(header)
    for (const piece of ciphertext) out.push(piece)
    out.push(tag)
    const total = header.length + length + TAG_LENGTH
    this.#bytes += total
    return total
  }

  /** Seals KEY_UPDATE as the last frame under the current key and moves to the next. */
  rekey(out: Uint8Array[]): number {
    const payload = buildKeyUpdate(this.#keys.generation + 1)
    const total = this.seal(FRAME.KEY_UPDATE, undefined, [payload], payload.length, out)
    this.#keys.update()
    this.#bytes = 0
    this.#since = this.#clock.now()
    this.#rekeys++
    return total
  }
}

/** The header of section 5: u24 length, type, and for STREAM and WINDOW_UPDATE the stream id. */
export function buildHeader(type: number, streamId: StreamId | undefined, length: number): Uint8Array {
  if (streamId === undefined) {
    const header = new Uint8Array(FRAME_HEADER_MIN)
    writeU24(header, 0, length)
    header[3] = type
    return header
  }
  const id = encodeVarint(streamId)
  const header = new Uint8Array(FRAME_HEADER_MIN + id.length)
  writeU24(header, 0, length)
  header[3] = type
  header.set(id, FRAME_HEADER_MIN)
  return header
}
