/**
 * Who may start a handshake (section 14 and step 1 of section 3.5): concurrency in all and per prefix, a token bucket
 * per prefix, and the set of connections that are only read from until their time-out.
 */
import { type Clock, KeyedTokenBuckets } from '../../../core/index.ts'

export interface AdmissionLimits {
  readonly handshakes: number
  readonly handshakesPerPrefix: number
  readonly bucket: { readonly capacity: number; readonly refillPerSecond: number }
  readonly discarded: number
  readonly discardedPerPrefix: number
  /** Prefixes whose buckets are remembered. */
  readonly prefixes: number
}

export const DEFAULT_ADMISSION: AdmissionLimits = {
  handshakes: 256,
  handshakesPerPrefix: 16,
  bucket: { capacity: 60, refillPerSecond: 2 },
  discarded: 4096,
  discardedPerPrefix: 16,
  prefixes: 65_536,
}

/** Counts members in all and per prefix under two limits. */
class PrefixCount {
  readonly #limit: number
  readonly #limitPerPrefix: number
  readonly #perPrefix = new Map<string, number>()
  #total = 0

  constructor(limit: number, limitPerPrefix: number) {
    this.#limit = limit
    this.#limitPerPrefix = limitPerPrefix
  }

  get total(): number {
    return this.#total
  }

  hasRoom(prefix: string): boolean {
    return this.#total < this.#limit && (this.#perPrefix.get(prefix) ?? 0) < this.#limitPerPrefix
  }

  /** Adds one member; the returned function takes it out, once. */
  enter(prefix: string): () => void {
    this.#total++
    this.#perPrefix.set(prefix, (this.#perPrefix.get(prefix) ?? 0) + 1)
    let inside = true
    return () => {
      if (!inside) return
      inside = false
      this.#total--
      const left = (this.#perPrefix.get(prefix) ?? 1) - 1
      if (left > 0) this.#perPrefix.set(prefix, left)
      else this.#perPrefix.delete(prefix)
    }
  }
}

export class Admission {
  readonly #handshakes: PrefixCount
  readonly #discarded: PrefixCount
  readonly #buckets: KeyedTokenBuckets

  constructor(clock: Clock, limits: Partial<AdmissionLimits> = {}) {
    const all = { ...DEFAULT_ADMISSION, ...limits }
    this.#handshakes = new PrefixCount(all.handshakes, all.handshakesPerPrefix)
    this.#discarded = new PrefixCount(all.discarded, all.discardedPerPrefix)
    this.#buckets = new KeyedTokenBuckets(clock, all.bucket, all.prefixes)
  }

  get handshakes(): number {
    return this.#handshakes.total
  }

  get discarded(): number {
    return this.#discarded.total
  }

  /** A slot for a new connection, released by the returned function; undefined when there is none. */
  enterHandshake(prefix: string): (() => void) | undefined {
    return this.#handshakes.hasRoom(prefix) ? this.#handshakes.enter(prefix) : undefined
  }

  /** Step 1 for a message 1 that has arrived: takes a token of its prefix. */
  admit(prefix: string): boolean {
    return this.#buckets.take(prefix)
  }

  /** False while another discarded connection of this prefix would exceed the set: then it is refused at accept. */
  mayDiscard(prefix: string): boolean {
    return this.#discarded.hasRoom(prefix)
  }

  enterDiscard(prefix: string): () => void {
    return this.#discarded.enter(prefix)
  }
}
