/** Plaintext of one stream waiting to be sealed: a queue of chunks that is taken from in pieces without copying. */
import { concat } from '../../../core/index.ts'

export class SendQueue {
  readonly #chunks: Uint8Array[] = []
  #first = 0
  #offset = 0
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
  }

  /** Moves up to `limit` bytes to `out` and returns how many. */
  take(limit: number, out: Uint8Array[]): number {
    const target = Math.min(limit, this.#bytes)
    let left = target
    while (left > 0) {
      const chunk = this.#chunks[this.#first] as Uint8Array
      const end = Math.min(chunk.length, this.#offset + left)
      out.push(this.#offset === 0 && end === chunk.length ? chunk : chunk.subarray(this.#offset, end))
      left -= end - this.#offset
      if (end < chunk.length) {
        this.#offset = end
      } else {
        this.#offset = 0
        this.#first++
      }
    }
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = 0
      this.#first = 0
    } else if (this.#first >= 64) {
      this.#chunks.splice(0, this.#first)
      this.#first = 0
    }
    this.#bytes -= target
    return target
  }

  /** Copies what is left into memory of its own: the chunks can go back to whoever wrote them. */
  own(): void {
    const left: Uint8Array[] = []
    const bytes = this.#bytes
    this.take(bytes, left)
    this.push(concat(...left))
  }

  clear(): void {
    this.#chunks.length = 0
    this.#first = 0
    this.#offset = 0
    this.#bytes = 0
  }
}
