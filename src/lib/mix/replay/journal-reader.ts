/** The far end of the journals: takes what the workers appended, and tells them what has reached the disk. */
import { writeU32 } from '../../core/index.ts'
import { LINE_WORDS } from './constants.ts'
import { type FilterLayout, layOutFilter } from './filter-layout.ts'
import type { SharedReplayFilter } from './replay-filter.ts'

/** A fingerprint on the disk, bytes. */
export const FINGERPRINT_BYTES = 8

/** One reader a filter: two would each take a part. */
export class JournalReader {
  readonly #words: Int32Array
  readonly #layout: FilterLayout
  /** For each worker how many tags of its journal were taken, modulo 2^32. */
  readonly #taken: Int32Array

  constructor({ options, memory }: SharedReplayFilter) {
    this.#words = new Int32Array(memory)
    this.#layout = layOutFilter(options)
    this.#taken = new Int32Array(this.#layout.workers)
    for (let worker = 0; worker < this.#layout.workers; worker++)
      this.#taken[worker] = this.#words[this.#lineOf(worker) + 1] as number
  }

  /** Whether a worker has appended what was not taken yet. */
  hasMore(): boolean {
    for (let worker = 0; worker < this.#taken.length; worker++)
      if (Atomics.load(this.#words, this.#lineOf(worker)) !== this.#taken[worker]) return true
    return false
  }

  /**
   * Copies fingerprints out, 8 bytes each.
   * @returns how many fitted
   */
  take(out: Uint8Array): number {
    const { journalTags, journalsAt } = this.#layout
    let count = 0
    for (let worker = 0; worker < this.#taken.length; worker++) {
      const tail = Atomics.load(this.#words, this.#lineOf(worker))
      let taken = this.#taken[worker] as number
      for (; taken !== tail && FINGERPRINT_BYTES * (count + 1) <= out.length; count++) {
        const at = journalsAt + 2 * (worker * journalTags + (taken & (journalTags - 1)))
        writeU32(out, FINGERPRINT_BYTES * count, this.#words[at] as number)
        writeU32(out, FINGERPRINT_BYTES * count + 4, this.#words[at + 1] as number)
        taken = (taken + 1) | 0
      }
      this.#taken[worker] = taken
    }
    return count
  }

  /** Says that all that was taken is durable: its packets may go, and its places in the journals are free. */
  settle(): void {
    for (let worker = 0; worker < this.#taken.length; worker++)
      Atomics.store(this.#words, this.#lineOf(worker) + 1, this.#taken[worker] as number)
  }

  #lineOf(worker: number): number {
    return this.#layout.workersAt + worker * LINE_WORDS
  }
}
