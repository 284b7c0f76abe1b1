/**
 * Step 3 and 8 of section 3.5: no message 1 is answered twice within its time window. Entries survive a restart, a
 * live one is never evicted, and a global bucket keeps the cache from filling: 1,000 + 700/s x 1,260 s < 1,000,000.
 *
 * An entry lives until its time has passed on both clocks: a wall clock that is ahead for a while, and then set
 * back, must not open the window again.
 */
import {
  type Clock,
  concat,
  fromHex,
  readU64,
  TokenBucket,
  toHex,
  u64,
  unixSeconds,
  utf8,
} from '../../core/index.ts'
import type { Store } from '../../storage/index.ts'
import { MESSAGE_1_CACHE_S } from '../constants.ts'

const PREFIX = utf8('m1/')
const EXPIRY_LENGTH = 8
/** Most entries that one insertion looks at to drop them, so that a long pause does not cost the next client. */
const SWEEP_MOST = 256
/** Records that had expired before the start are deleted in batches of this many. */
const LOAD_BATCH = 1000

export interface Message1CacheLimits {
  readonly entries: number
  readonly bucket: { readonly capacity: number; readonly refillPerSecond: number }
}

const DEFAULT_LIMITS: Message1CacheLimits = {
  entries: 1_000_000,
  bucket: { capacity: 1000, refillPerSecond: 700 },
}

interface Entry {
  /** Unix seconds. */
  readonly expiry: number
  /** Monotonic milliseconds. */
  readonly until: number
}

export class Message1Cache {
  readonly #store: Store | undefined
  readonly #clock: Clock
  readonly #limits: Message1CacheLimits
  readonly #bucket: TokenBucket
  /** By key in hex, in order of `until`. */
  readonly #entries = new Map<string, Entry>()

  private constructor(store: Store | undefined, clock: Clock, limits: Message1CacheLimits) {
    this.#store = store
    this.#clock = clock
    this.#limits = limits
    this.#bucket = new TokenBucket(clock, limits.bucket)
  }

  /** @param store where entries survive a restart; without one they do not */
  static async open(
    clock: Clock,
    store?: Store,
    limits: Message1CacheLimits = DEFAULT_LIMITS,
  ): Promise<Message1Cache> {
    const cache = new Message1Cache(store, clock, limits)
    if (store !== undefined) await cache.#load(store)
    return cache
  }

  get size(): number {
    return this.#entries.size
  }

  /** @param key SHA-256(e)[0..16) */
  has(key: Uint8Array): boolean {
    const entry = this.#entries.get(toHex(key))
    return entry !== undefined && !this.#isOver(entry)
  }

  /**
   * Inserts the key and resolves to true once it is durable; false when it is there, or the bucket is empty, or the
   * cache is full.
   */
  async insert(key: Uint8Array): Promise<boolean> {
    if (!this.#bucket.take()) return false
    const expired = this.#sweep()
    const text = toHex(key)
    if (this.#entries.has(text) || this.#entries.size >= this.#limits.entries) return false
    const expiry = unixSeconds(this.#clock) + MESSAGE_1_CACHE_S
    this.#entries.set(text, { expiry, until: this.#clock.now() + MESSAGE_1_CACHE_S * 1000 })
    if (this.#store === undefined) return true
    return await this.#store.batch(
      [{ put: concat(PREFIX, key), value: u64(expiry) }, ...expired.map((old) => ({ delete: old }))],
      { ifAbsent: [concat(PREFIX, key)] },
    )
  }

  #isOver({ expiry, until }: Entry): boolean {
    return until <= this.#clock.now() && expiry <= unixSeconds(this.#clock)
  }

  /** Drops what is over. @returns the keys of its records */
  #sweep(): readonly Uint8Array[] {
    const now = this.#clock.now()
    const dropped: Uint8Array[] = []
    let looks = 0
    for (const [text, entry] of this.#entries) {
      if (entry.until > now || looks++ >= SWEEP_MOST) break
      this.#entries.delete(text)
      if (this.#isOver(entry)) dropped.push(concat(PREFIX, fromHex(text)))
      // The wall clock was set back since. At the end of the order it holds up nobody.
      else this.#entries.set(text, { ...entry, until: now + MESSAGE_1_CACHE_S * 1000 })
    }
    return dropped
  }

  async #load(store: Store): Promise<void> {
    const now = unixSeconds(this.#clock)
    const live: [string, number][] = []
    let expired: Uint8Array[] = []
    for await (const { key, value } of store.scan({ prefix: PREFIX })) {
      const expiry = value.length === EXPIRY_LENGTH ? Number(readU64(value, 0)) : 0
      if (expiry > now) live.push([toHex(key.subarray(PREFIX.length)), expiry])
      else expired.push(key)
      if (expired.length < LOAD_BATCH) continue
      await store.batch(expired.map((old) => ({ delete: old })))
      expired = []
    }
    if (expired.length > 0) await store.batch(expired.map((old) => ({ delete: old })))
    live.sort(([, a], [, b]) => a - b)
    for (const [text, expiry] of live) {
      const seconds = Math.min(expiry - now, MESSAGE_1_CACHE_S)
      this.#entries.set(text, { expiry, until: this.#clock.now() + seconds * 1000 })
    }
  }
}
