/** Records that lie across chunks: only what straddles a border is copied, and only once. */
import { EMPTY } from '../../../../core/index.ts'

/** Reads one record after the other from memory that it is shown. */
export interface RecordParser {
  /**
   * Reads the record at `at`. A positive result is the record's length, which may reach beyond `end` when the rest
   * does not matter; a negative one is minus the bytes that must be there, always more than `end - at`.
   */
  parse(bytes: Uint8Array, at: number, end: number): number
}

export class RecordCarry {
  readonly #parser: RecordParser
  #carried: Uint8Array = EMPTY
  #held = 0
  #needed = 0
  #toSkip = 0

  constructor(parser: RecordParser) {
    this.#parser = parser
  }

  /** The input so far ends within a record. */
  get isWithinRecord(): boolean {
    return this.#held > 0 || this.#toSkip > 0
  }

  /** Reads all records that `chunk` completes; the chunk may be reused afterwards. */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#toSkip > 0) at += this.#skip(chunk.length - at)
      else if (this.#held > 0) at += this.#complete(chunk, at)
      else at += this.#parseInPlace(chunk, at)
    }
  }

  #skip(available: number): number {
    const skipped = Math.min(this.#toSkip, available)
    this.#toSkip -= skipped
    return skipped
  }

  #complete(chunk: Uint8Array, at: number): number {
    const taken = Math.min(this.#needed - this.#held, chunk.length - at)
    this.#carry(chunk, at, taken)
    if (this.#held < this.#needed) return taken
    const length = this.#parser.parse(this.#carried, 0, this.#held)
    if (length < 0) {
      this.#needed = -length
    } else {
      this.#toSkip = length - this.#held
      this.#held = 0
    }
    return taken
  }

  #parseInPlace(chunk: Uint8Array, at: number): number {
    const available = chunk.length - at
    const length = this.#parser.parse(chunk, at, chunk.length)
    if (length < 0) {
      this.#carry(chunk, at, available)
      this.#needed = -length
      return available
    }
    if (length > available) this.#toSkip = length - available
    return Math.min(length, available)
  }

  #carry(chunk: Uint8Array, at: number, length: number): void {
    const held = this.#held + length
    if (held > this.#carried.length) {
      const grown = new Uint8Array(Math.max(held, 2 * this.#carried.length, 4_096))
      grown.set(this.#carried.subarray(0, this.#held))
      this.#carried = grown
    }
    this.#carried.set(chunk.subarray(at, at + length), this.#held)
    this.#held = held
  }
}
