/**
 * Bytes of one handshake stream that arrive in pieces, in any order, doubled and overlapping. The first byte seen at a
 * place wins, as it does in the servers that would answer.
 *
 * A map with one mark a byte costs the same whatever the pieces are; a list of ranges could be made long by a sender
 * of single bytes.
 */
import { EMPTY } from '../../core/index.ts'

const MIN_CAPACITY = 2048

export class Reassembly {
  readonly #maxBytes: number
  #bytes: Uint8Array = EMPTY
  #present: Uint8Array = EMPTY
  #contiguous = 0

  /** @param maxBytes how far the pieces may reach */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** How many bytes from the start are there without a gap. */
  get contiguous(): number {
    return this.#contiguous
  }

  /** Memory in use. */
  get heldBytes(): number {
    return this.#bytes.length + this.#present.length
  }

  /**
   * Takes a piece.
   * @param at offset of its first byte; with the length at most `maxBytes`, which the caller has checked
   * @returns false when the piece contradicts a byte that was there before
   */
  write(at: number, piece: Uint8Array): boolean {
    if (piece.length === 0) return true
    this.#reserve(at + piece.length)
    let agrees = true
    for (let i = 0; i < piece.length; i++) {
      if (this.#present[at + i] === 1) {
        if (this.#bytes[at + i] !== piece[i]) agrees = false
        continue
      }
      this.#present[at + i] = 1
      this.#bytes[at + i] = piece[i] as number
    }
    while (this.#present[this.#contiguous] === 1) this.#contiguous++
    return agrees
  }

  /** A view of the first `length` bytes, at most `contiguous`, that holds until the next call. */
  peek(length: number): Uint8Array {
    return this.#bytes.subarray(0, Math.min(length, this.#contiguous))
  }

  /** Removes the first `length` bytes, at most `contiguous`, and returns a copy of them. */
  take(length: number): Uint8Array {
    const taken = this.#bytes.slice(0, length)
    const isEmpty = this.#contiguous === length && !this.#present.includes(1, length)
    this.#bytes = isEmpty ? EMPTY : this.#bytes.slice(length)
    this.#present = isEmpty ? EMPTY : this.#present.slice(length)
    this.#contiguous -= length
    return taken
  }

  /** Lets go of everything. */
  clear(): void {
    this.#bytes = EMPTY
    this.#present = EMPTY
    this.#contiguous = 0
  }

  #reserve(end: number): void {
    if (end <= this.#bytes.length) return
    const capacity = Math.min(this.#maxBytes, Math.max(MIN_CAPACITY, end, this.#bytes.length * 2))
    const bytes = new Uint8Array(capacity)
    bytes.set(this.#bytes)
    const present = new Uint8Array(capacity)
    present.set(this.#present)
    this.#bytes = bytes
    this.#present = present
  }
}
