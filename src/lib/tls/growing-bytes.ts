/** Bytes that arrive in pieces, in one array that grows by doubling: many small pieces cost no more than a few large. */
const START_BYTES = 2048

export class GrowingBytes {
  #array = new Uint8Array(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What is there, as a view that is good until the next call. */
  get bytes(): Uint8Array {
    return this.#array.subarray(0, this.#length)
  }

  append(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#array.length) {
      const grown = new Uint8Array(Math.max(START_BYTES, length, 2 * this.#array.length))
      grown.set(this.bytes)
      this.#array = grown
    }
    this.#array.set(piece, this.#length)
    this.#length = length
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    this.#array.copyWithin(0, count, this.#length)
    this.#length -= count
  }

  /** Forgets everything, the memory included. */
  clear(): void {
    this.#array = new Uint8Array(0)
    this.#length = 0
  }
}
