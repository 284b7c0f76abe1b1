/**
 * The bytes that bulk measurements move, and the check at the receiver. The check compares every byte with `memcmp`
 * against a table that stays in the cache; its cost is the same whatever carried the bytes, so it cancels in a ratio.
 */
import { AivError, SeededRandom } from '../../core/index.ts'
import { CHUNK_BYTES, PATTERN_BYTES } from './constants.ts'

/** From any position of the pattern this many bytes can be had in one piece. */
const PIECE_BYTES = 4 * CHUNK_BYTES

const TABLE = repeated(new SeededRandom(0x485458).bytes(PATTERN_BYTES), PATTERN_BYTES + PIECE_BYTES)

function repeated(pattern: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length)
  for (let at = 0; at < length; at += pattern.length) out.set(pattern.subarray(0, length - at), at)
  return out
}

/** Gives the pattern piece by piece, without copying it. */
export class PatternSource {
  #position = 0

  /** @param length 1 to 262,144 bytes */
  next(length: number): Uint8Array {
    const piece = TABLE.subarray(this.#position, this.#position + length)
    this.#position = (this.#position + length) % PATTERN_BYTES
    return piece
  }
}

/** Checks that the bytes of one stream are the pattern from its start. */
export class PatternCheck {
  #bytes = 0
  #position = 0

  /** Bytes that were right. */
  get bytes(): number {
    return this.#bytes
  }

  /** @throws AivError `E_INTERNAL` when a byte is not what was sent */
  check(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.length; ) {
      const piece = chunk.subarray(at, at + PIECE_BYTES)
      const expected = TABLE.subarray(this.#position, this.#position + piece.length)
      if (Buffer.compare(piece, expected) !== 0) {
        const offset = this.#bytes + piece.findIndex((byte, i) => byte !== expected[i])
        throw new AivError('E_INTERNAL', `byte ${offset} of the stream is not the one that was sent`)
      }
      this.#position = (this.#position + piece.length) % PATTERN_BYTES
      this.#bytes += piece.length
      at += piece.length
    }
  }
}
