/** Token buckets on an injected clock: the one rate limiter of the project. */
import type { Clock } from './clock.ts'

export interface TokenBucketOptions {
  /** Most tokens it can hold; it starts full. */
  readonly capacity: number
  readonly refillPerSecond: number
}

export class TokenBucket {
  readonly #clock: Clock
  readonly #capacity: number
  readonly #perMs: number
  #tokens: number
  #at: number

  constructor(clock: Clock, options: TokenBucketOptions) {
    this.#clock = clock
    this.#capacity = options.capacity
    this.#perMs = options.refillPerSecond / 1000
    this.#tokens = options.capacity
    this.#at = clock.now()
  }

  /** Takes `count` tokens if they are there; false, and nothing taken, if not. */
  take(count = 1): boolean {
    this.#refill()
    if (this.#tokens < count) return false
    this.#tokens -= count
    return true
  }

  /** Puts tokens in, never above capacity. */
  give(count: number): void {
    this.#tokens = Math.min(this.#capacity, this.#tokens + count)
  }

  /** True when nothing has been taken that time did not bring back. */
  isFull(): boolean {
    this.#refill()
    return this.#tokens >= this.#capacity
  }

  #refill(): void {
    const now = this.#clock.now()
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#at) * this.#perMs)
    this.#at = now
  }
}

/** One bucket a key, such as an address prefix; of more than `keysMost` the least recently used is forgotten. */
export class KeyedTokenBuckets {
  readonly #clock: Clock
  readonly #options: TokenBucketOptions
  readonly #keysMost: number
  /** Least recently used first. */
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(clock: Clock, options: TokenBucketOptions, keysMost: number) {
    this.#clock = clock
    this.#options = options
    this.#keysMost = keysMost
  }

  /** Takes a token of this key; false if there is none. */
  take(key: string): boolean {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#clock, this.#options)
    this.#buckets.delete(key)
    if (this.#buckets.size >= this.#keysMost) {
      const oldest = this.#buckets.keys().next()
      if (oldest.done !== true) this.#buckets.delete(oldest.value)
    }
    this.#buckets.set(key, bucket)
    return bucket.take()
  }
}
