/** An ordered map of byte keys: a list of sorted chunks, so that an insertion moves a few hundred entries at most. */
import { compare } from '../core/index.ts'
import type { Bounds } from './range.ts'
import type { StoreEntry } from './store.ts'

/** A chunk that grows beyond this is split in two. */
const CHUNK_ENTRIES = 512

export class SortedEntries {
  /** Never empty; only the sole chunk of an empty map has no entries. */
  #chunks: StoreEntry[][] = [[]]
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: Uint8Array): Uint8Array | undefined {
    const chunk = this.#chunks[this.#chunkFor(key)] as StoreEntry[]
    const entry = chunk[lowerBound(chunk, key)]
    return entry !== undefined && compare(entry.key, key) === 0 ? entry.value : undefined
  }

  set(key: Uint8Array, value: Uint8Array): void {
    const index = this.#chunkFor(key)
    const chunk = this.#chunks[index] as StoreEntry[]
    const at = lowerBound(chunk, key)
    const present = chunk[at]
    if (present !== undefined && compare(present.key, key) === 0) {
      chunk[at] = { key: present.key, value }
      return
    }
    chunk.splice(at, 0, { key, value })
    this.#size++
    if (chunk.length > CHUNK_ENTRIES) this.#chunks.splice(index + 1, 0, chunk.splice(chunk.length >>> 1))
  }

  delete(key: Uint8Array): void {
    const index = this.#chunkFor(key)
    const chunk = this.#chunks[index] as StoreEntry[]
    const at = lowerBound(chunk, key)
    const present = chunk[at]
    if (present === undefined || compare(present.key, key) !== 0) return
    chunk.splice(at, 1)
    this.#size--
    if (chunk.length === 0 && this.#chunks.length > 1) this.#chunks.splice(index, 1)
  }

  /** Up to `limit` entries of the bounds, in order, descending when `reverse`. */
  slice(bounds: Bounds, limit: number, reverse: boolean): StoreEntry[] {
    return reverse ? this.#descending(bounds, limit) : this.#ascending(bounds, limit)
  }

  /** Number of entries within the bounds. */
  count(bounds: Bounds): number {
    return bounds.to === undefined
      ? this.#size - this.#rank(bounds.from)
      : Math.max(0, this.#rank(bounds.to) - this.#rank(bounds.from))
  }

  /** Number of entries below `key`. */
  #rank(key: Uint8Array): number {
    const index = this.#chunkFor(key)
    let rank = lowerBound(this.#chunks[index] as StoreEntry[], key)
    for (let i = 0; i < index; i++) rank += (this.#chunks[i] as StoreEntry[]).length
    return rank
  }

  #ascending({ from, to }: Bounds, limit: number): StoreEntry[] {
    const out: StoreEntry[] = []
    let index = this.#chunkFor(from)
    let at = lowerBound(this.#chunks[index] as StoreEntry[], from)
    for (; index < this.#chunks.length; index++, at = 0) {
      const chunk = this.#chunks[index] as StoreEntry[]
      for (; at < chunk.length; at++) {
        const entry = chunk[at] as StoreEntry
        if (out.length >= limit || (to !== undefined && compare(entry.key, to) >= 0)) return out
        out.push(entry)
      }
    }
    return out
  }

  #descending({ from, to }: Bounds, limit: number): StoreEntry[] {
    const out: StoreEntry[] = []
    let index = to === undefined ? this.#chunks.length - 1 : this.#chunkFor(to)
    const last = this.#chunks[index] as StoreEntry[]
    let at = (to === undefined ? last.length : lowerBound(last, to)) - 1
    for (;;) {
      const chunk = this.#chunks[index] as StoreEntry[]
      for (; at >= 0; at--) {
        const entry = chunk[at] as StoreEntry
        if (out.length >= limit || compare(entry.key, from) < 0) return out
        out.push(entry)
      }
      if (index === 0) return out
      index--
      at = (this.#chunks[index] as StoreEntry[]).length - 1
    }
  }

  /** The chunk that holds `key` or would: the last one that starts at or before it. */
  #chunkFor(key: Uint8Array): number {
    let low = 0
    let high = this.#chunks.length
    while (high - low > 1) {
      const middle = (low + high) >>> 1
      const first = (this.#chunks[middle] as StoreEntry[])[0] as StoreEntry
      if (compare(first.key, key) <= 0) low = middle
      else high = middle
    }
    return low
  }
}

/** Index of the first entry whose key is not below `key`. */
function lowerBound(chunk: readonly StoreEntry[], key: Uint8Array): number {
  let low = 0
  let high = chunk.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (compare((chunk[middle] as StoreEntry).key, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}
