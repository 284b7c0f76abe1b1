/**
 * The replay filter of one mix key: a Bloom filter in memory that several worker threads share, each in a call of its
 * own, so that of one packet that comes many times, to whichever workers, exactly one is let through.
 *
 * Where a tag stands is decided by SipHash-2-4 under a secret of the key, so that nobody outside can aim tags at one
 * lock or at bits that are set. The 64 bits of its output stand for the tag everywhere, on the disk too: a log read by
 * others says nothing about packets once the secret is gone. Two tags of one filter share an output with a chance of
 * 2^-64 for each pair, a millionth of the filter's own rate.
 *
 * A test of the bits and setting them are one step only under a lock: two workers that set the bits of one tag by
 * themselves can each find one that was not set yet, and both let the packet through.
 */
import { SipHash24 } from '../../crypto/index.ts'
import { LINE_WORDS, LOCK_SPINS, LOCK_WAIT_MS, SHARDS } from './constants.ts'
import { BLOCK_WORDS, type FilterLayout, layOutFilter, type ReplayFilterSize } from './filter-layout.ts'
import { drawPositions } from './positions.ts'

/**
 * `new`: never seen; forward it once the tag is durable. `seen`: a replay, or in rare cases a false positive. `full`:
 * the filter holds as many tags as it may. `behind`: the disk does not keep up, or the filter is closed, so that the tag
 * could not be made durable. All but `new` mean a drop.
 */
export type ReplayVerdict = 'new' | 'seen' | 'full' | 'behind'

export interface ReplayFilterOptions extends ReplayFilterSize {
  /** 16 bytes, drawn for this mix key alone and erased with it. */
  readonly secret: Uint8Array
}

/** What another thread needs to use the same filter; can be posted to it. Holds the secret. */
export interface SharedReplayFilter {
  readonly options: ReplayFilterOptions
  readonly memory: SharedArrayBuffer
}

export class ReplayFilter {
  readonly layout: FilterLayout
  /** After `new`: the place of the tag in this worker's journal, for {@link ReplayFilter.isDurable}. */
  ticket = 0
  readonly #shared: SharedReplayFilter
  readonly #prf: SipHash24
  readonly #words: Int32Array
  readonly #worker: number
  readonly #tailAt: number
  readonly #journalAt: number
  readonly #fingerprint = new Int32Array(2)
  readonly #positions: Uint16Array

  /** @throws AivError `E_USAGE` for sizes that do not go together, `E_CRYPTO` for a secret of another length */
  constructor(options: ReplayFilterOptions)
  constructor(options: ReplayFilterOptions, worker: number, memory: SharedArrayBuffer)
  constructor(options: ReplayFilterOptions, worker = 0, memory?: SharedArrayBuffer) {
    const layout = layOutFilter(options)
    if (worker < 0 || worker >= layout.workers) throw new RangeError('no such worker of the replay filter')
    this.layout = layout
    this.#shared = { options, memory: memory ?? new SharedArrayBuffer(layout.totalBytes) }
    this.#prf = new SipHash24(options.secret)
    this.#words = new Int32Array(this.#shared.memory)
    this.#worker = worker
    this.#tailAt = layout.workersAt + worker * LINE_WORDS
    this.#journalAt = layout.journalsAt + 2 * worker * layout.journalTags
    this.#positions = new Uint16Array(layout.probes)
  }

  /** The same filter in the thread of worker `worker`; no two threads may be the same worker. */
  static attach({ options, memory }: SharedReplayFilter, worker: number): ReplayFilter {
    return new ReplayFilter(options, worker, memory)
  }

  share(): SharedReplayFilter {
    return this.#shared
  }

  /** Tags that it may hold. */
  get capacity(): number {
    return this.layout.capacity
  }

  /** Tags that it holds. */
  get count(): number {
    return Atomics.load(this.#words, this.layout.countAt)
  }

  /**
   * Tests for a tag and enters it, in one step. Only tags of packets whose MAC was right may come here.
   * @param tag 32 bytes
   */
  insert(tag: Uint8Array): ReplayVerdict {
    this.#prf.hash(tag, this.#fingerprint)
    const low = this.#fingerprint[0] as number
    const high = this.#fingerprint[1] as number
    const verdict = this.#enter(low, high, this.#hasRoom())
    if (verdict === 'new' && this.layout.journalTags > 0) this.#append(low, high)
    return verdict
  }

  /**
   * Whether the tag was entered, without a lock: a cheap look before the work of unwrapping. That it was not says
   * nothing yet; only {@link ReplayFilter.insert} decides.
   */
  contains(tag: Uint8Array): boolean {
    this.#prf.hash(tag, this.#fingerprint)
    const block = this.#place(this.#fingerprint[0] as number, this.#fingerprint[1] as number)
    return this.#allSet(this.layout.bitsAt + block * BLOCK_WORDS)
  }

  /** Enters what was read back from the log; false when the filter is full. */
  restore(low: number, high: number): boolean {
    return this.#enter(low, high, true) !== 'full'
  }

  /** Whether the tag that worker `worker` got this ticket for has reached the disk; at once where nothing is written. */
  isDurable(worker: number, ticket: number): boolean {
    if (this.layout.journalTags === 0) return true
    const durable = Atomics.load(this.#words, this.layout.workersAt + worker * LINE_WORDS + 1)
    return ((durable - ticket) | 0) >= 0
  }

  /** From now on every insertion is `behind` or `seen`. The bits stay. */
  close(): void {
    Atomics.store(this.#words, this.layout.closedAt, 1)
  }

  /** Frees the locks that a thread held when it died. Its tags were either entered with their packets, or neither counts. */
  releaseLocksOf(worker: number): void {
    for (let shard = 0; shard < SHARDS; shard++)
      Atomics.compareExchange(this.#words, this.layout.locksAt + shard * LINE_WORDS, worker + 1, 0)
  }

  #enter(low: number, high: number, hasRoom: boolean): ReplayVerdict {
    const block = this.#place(low, high)
    const lockAt = this.layout.locksAt + (block & (SHARDS - 1)) * LINE_WORDS
    this.#lock(lockAt)
    const verdict = this.#enterLocked(this.layout.bitsAt + block * BLOCK_WORDS, hasRoom)
    Atomics.store(this.#words, lockAt, 0)
    return verdict
  }

  #enterLocked(bitsAt: number, hasRoom: boolean): ReplayVerdict {
    if (this.#allSet(bitsAt)) return 'seen'
    if (!hasRoom) return 'behind'
    // Counted before it is set: a thread that dies in between leaves the count too high, never too low.
    if (Atomics.add(this.#words, this.layout.countAt, 1) >= this.layout.capacity) {
      Atomics.sub(this.#words, this.layout.countAt, 1)
      return 'full'
    }
    for (let i = 0; i < this.#positions.length; i++) {
      const position = this.#positions[i] as number
      const at = bitsAt + (position >>> 5)
      this.#words[at] = (this.#words[at] as number) | (1 << (position & 31))
    }
    return 'new'
  }

  #allSet(bitsAt: number): boolean {
    for (let i = 0; i < this.#positions.length; i++) {
      const position = this.#positions[i] as number
      if ((((this.#words[bitsAt + (position >>> 5)] as number) >>> (position & 31)) & 1) === 0) return false
    }
    return true
  }

  /** Draws the bits of a fingerprint; returns their block. */
  #place(low: number, high: number): number {
    return drawPositions(low, high, this.layout.blocks, this.#positions)
  }

  #lock(at: number): void {
    const words = this.#words
    const owner = this.#worker + 1
    for (let looks = 0; ; looks++) {
      const holder = Atomics.compareExchange(words, at, 0, owner)
      if (holder === 0) return
      if (looks >= LOCK_SPINS) Atomics.wait(words, at, holder, LOCK_WAIT_MS)
    }
  }

  #hasRoom(): boolean {
    const { journalTags, closedAt } = this.layout
    if (Atomics.load(this.#words, closedAt) !== 0) return false
    if (journalTags === 0) return true
    const tail = this.#words[this.#tailAt] as number
    return ((tail - Atomics.load(this.#words, this.#tailAt + 1)) | 0) < journalTags
  }

  /** The fingerprint first, then the tail that says that it stands there. */
  #append(low: number, high: number): void {
    const tail = this.#words[this.#tailAt] as number
    const at = this.#journalAt + 2 * (tail & (this.layout.journalTags - 1))
    this.#words[at] = low
    this.#words[at + 1] = high
    this.ticket = (tail + 1) | 0
    Atomics.store(this.#words, this.#tailAt, this.ticket)
  }
}
