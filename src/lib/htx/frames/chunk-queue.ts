/**
 * Bytes in the order they came, as a list of chunks that is taken from without copying. Only chunks so small that
 * keeping them apart would cost more than their bytes are copied together: a peer that sends single bytes would
 * otherwise make each of them cost us hundreds.
 */

import { releaseBuffers } from '../../core/index.ts'

/** Chunks below this many bytes are joined with what waits before them. */
const SMALL = 1024
const BLOCK = 8 * 1024

export class ChunkQueue {
  readonly #chunks: Uint8Array[] = []
  /** Index of the first chunk in use; the array is compacted now and then instead of shifted every time. */
  #first = 0
  /** Offset in the first chunk. */
  #offset = 0
  #bytes = 0
  /** Where small chunks are copied to; the last chunk is a view of it when `#joinedFrom` is set. */
  #block: Uint8Array | undefined
  #blockUsed = 0
  #joinedFrom: number | undefined
  /** Chunks that have been taken to their end; kept only when `release` will come. */
  readonly #spent: Uint8Array[] | undefined

  /** @param ownsChunks the chunks belong to this queue alone, so that `release` may free them */
  constructor(ownsChunks = false) {
    this.#spent = ownsChunks ? [] : undefined
  }

  /** Frees the chunks that have been taken: the pieces that `take` and `takeJoined` gave out become empty. */
  release(): void {
    if (this.#spent === undefined || this.#spent.length === 0) return
    releaseBuffers(this.#spent)
    this.#spent.length = 0
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Appends a chunk, which must not change afterwards. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (chunk.length < SMALL && this.#bytes > 0) {
      this.#join(chunk)
    } else {
      this.#chunks.push(chunk)
      this.#joinedFrom = undefined
    }
    this.#bytes += chunk.length
  }

  /** The first `length` bytes, which must be there, in one array. They stay in the queue. */
  peek(length: number): Uint8Array {
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

  /** Takes the first `length` bytes, which must be there, in as many pieces as they lie in. */
  take(length: number): Uint8Array[] {
    const parts: Uint8Array[] = []
    let left = length
    while (left > 0) {
      const chunk = this.#chunks[this.#first] as Uint8Array
      const end = Math.min(chunk.length, this.#offset + left)
      parts.push(chunk.subarray(this.#offset, end))
      left -= end - this.#offset
      this.#advance(end)
    }
    this.#bytes -= length
    return parts
  }

  /** Takes the first piece as it lies; undefined when there is none. */
  takePiece(): Uint8Array | undefined {
    const chunk = this.#chunks[this.#first]
    if (chunk === undefined) return undefined
    const piece = this.#offset === 0 ? chunk : chunk.subarray(this.#offset)
    this.#bytes -= piece.length
    this.#advance(chunk.length)
    return piece
  }

  /** Takes the first `length` bytes, which must be there, in one array. */
  takeJoined(length: number): Uint8Array {
    const bytes = this.peek(length)
    let left = length
    while (left > 0) {
      const chunk = this.#chunks[this.#first] as Uint8Array
      const end = Math.min(chunk.length, this.#offset + left)
      left -= end - this.#offset
      this.#advance(end)
    }
    this.#bytes -= length
    return bytes
  }

  clear(): void {
    this.#chunks.length = 0
    this.#first = 0
    this.#offset = 0
    this.#bytes = 0
    this.#block = undefined
    this.#joinedFrom = undefined
  }

  #join(chunk: Uint8Array): void {
    if (this.#block === undefined || this.#blockUsed + chunk.length > BLOCK) {
      this.#block = new Uint8Array(BLOCK)
      this.#blockUsed = 0
      this.#joinedFrom = undefined
    }
    this.#block.set(chunk, this.#blockUsed)
    const end = this.#blockUsed + chunk.length
    if (this.#joinedFrom === undefined) {
      this.#joinedFrom = this.#blockUsed
      this.#chunks.push(this.#block.subarray(this.#joinedFrom, end))
    } else {
      this.#chunks[this.#chunks.length - 1] = this.#block.subarray(this.#joinedFrom, end)
    }
    this.#blockUsed = end
  }

  #advance(offset: number): void {
    const chunk = this.#chunks[this.#first] as Uint8Array
    if (offset < chunk.length) {
      this.#offset = offset
      return
    }
    this.#spent?.push(chunk)
    this.#offset = 0
    this.#first++
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = 0
      this.#first = 0
      this.#block = undefined
      this.#joinedFrom = undefined
    } else if (this.#first >= 64 && this.#first * 2 >= this.#chunks.length) {
      this.#chunks.splice(0, this.#first)
      this.#first = 0
    }
  }
}
