/**
 * Step 3 and 8 of section 3.5: no message 1 is answered twice within its time window. Entries survive a restart, a
 * live one is never evicted, and a global bucket keeps the cache from filling: 1,000 + 700/s x 1,260 s < 1,000,000.
 */
import { type Clock, concat, readU64, TokenBucket, toHex, u64, unixSeconds, utf8 } from '../../core/index.ts'
import type { Store } from '../../storage/index.ts'
import { MESSAGE_1_CACHE_S } from '../constants.ts'

const PREFIX = utf8('m1/')
const EXPIRY_LENGTH = 8
/** Expired entries are deleted from the store in batches of this many. */
const SWEEP_BATCH = 256

export interface Message1CacheLimits {
  readonly entries: number
  readonly bucket: { readonly capacity: number; readonly refillPerSecond: number }
}

const DEFAULT_LIMITS: Message1CacheLimits = {
  entries: 1_000_000,
  bucket: { capacity: 1000, refillPerSecond: 700 },
}

export class Message1Cache {
  readonly #store: Store | undefined
  readonly #clock: Clock
  readonly #limits: Message1CacheLimits
  readonly #bucket: TokenBucket
  /** Key in hex to expiry in unix seconds; in order of insertion, which is the order of expiry. */
  readonly #entries = new Map<string, number>()
  #expired: Uint8Array[] = []

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
    const expiry = this.#entries.get(toHex(key))
    return expiry !== undefined && expiry > unixSeconds(this.#clock)
  }

  /**
   * Inserts the key and resolves to true once it is durable; false when it is there, or the bucket is empty, or the
   * cache is full.
   */
  async insert(key: Uint8Array): Promise<boolean> {
    if (!this.#bucket.take()) return false
    this.#sweep()
    const text = toHex(key)
    if (this.#entries.has(text) || this.#entries.size >= this.#limits.entries) return false
    const expiry = unixSeconds(this.#clock) + MESSAGE_1_CACHE_S
    this.#entries.set(text, expiry)
    if (this.#store === undefined) return true
    const expired = this.#expired.splice(0, SWEEP_BATCH)
    return await this.#store.batch(
      [{ put: concat(PREFIX, key), value: u64(expiry) }, ...expired.map((old) => ({ delete: old }))],
      { ifAbsent: [concat(PREFIX, key)] },
    )
  }

  #sweep(): void {
    const now = unixSeconds(this.#clock)
    for (const [text, expiry] of this.#entries) {
      if (expiry > now) break
      this.#entries.delete(text)
      if (this.#store !== undefined)
        this.#expired.push(concat(PREFIX, new Uint8Array(Buffer.from(text, 'hex'))))
    }
  }

  async #load(store: Store): Promise<void> {
    const now = unixSeconds(this.#clock)
    const live: [string, number][] = []
    for await (const { key, value } of store.scan({ prefix: PREFIX })) {
      const expiry = value.length === EXPIRY_LENGTH ? Number(readU64(value, 0)) : 0
      if (expiry > now) live.push([toHex(key.subarray(PREFIX.length)), expiry])
      else this.#expired.push(key)
    }
    live.sort(([, a], [, b]) => a - b)
    for (const [text, expiry] of live) this.#entries.set(text, expiry)
  }
}
