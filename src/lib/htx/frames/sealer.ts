/** Seals outgoing frames under the keys of one direction and rekeys when a threshold is reached (section 4.3). */
import { type Clock, encodeVarint, writeU24 } from '../../core/index.ts'
import { chacha20poly1305 } from '../../crypto/index.ts'
import { FRAME_HEADER_MIN, TAG_LENGTH } from '../constants.ts'
import type { DirectionKeys } from '../keys/direction.ts'
import { buildKeyUpdate } from './payload.ts'
import { RekeyDue, type RekeyThresholds } from './rekey-due.ts'
import { eraseJoined, joinPieces } from './scratch.ts'
import { FRAME, type StreamId } from './types.ts'

export class FrameSealer {
  readonly #keys: DirectionKeys
  readonly #rekey: RekeyDue

  constructor(keys: DirectionKeys, clock: Clock, thresholds?: RekeyThresholds) {
    this.#keys = keys
    this.#rekey = new RekeyDue(clock, thresholds)
  }

  get rekeys(): number {
    return this.#rekey.rekeys
  }

  /** True when a KEY_UPDATE has to come before the next other frame. */
  get rekeyDue(): boolean {
    return this.#rekey.isDue(this.#keys.counter)
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
    this.#rekey.sealed(total)
    return total
  }

  /** Seals KEY_UPDATE as the last frame under the current key and moves to the next. */
  rekey(out: Uint8Array[]): number {
    const payload = buildKeyUpdate(this.#keys.generation + 1)
    const total = this.seal(FRAME.KEY_UPDATE, undefined, [payload], payload.length, out)
    this.#keys.update()
    this.#rekey.rekeyed()
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
