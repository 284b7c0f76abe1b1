/** Keys of reply blocks whose answer is awaited. Each opens one answer and is erased with it, or when it comes too late. */
import { type Clock, toHex } from '../../core/index.ts'
import { erase } from '../../crypto/index.ts'
import { type Geometry, openSurbReply } from '../../sphinx/index.ts'
import type { ReplyBlock } from './routes.ts'

/** Beyond that the oldest are given up: their packets are long lost. */
const MAX_PENDING = 65_536

interface Pending<About> {
  readonly about: About
  readonly keys: Uint8Array
  readonly expiresAt: number
}

/** @typeParam About what the caller remembers of the question */
export class PendingReplies<About> {
  readonly #geometry: Geometry
  readonly #clock: Clock
  readonly #lifetimeMs: number
  /** By SURB id, the oldest first. */
  readonly #pending = new Map<string, Pending<About>>()

  constructor(geometry: Geometry, clock: Clock, lifetimeMs: number) {
    this.#geometry = geometry
    this.#clock = clock
    this.#lifetimeMs = lifetimeMs
  }

  get size(): number {
    return this.#pending.size
  }

  await({ id, keys }: ReplyBlock, about: About): void {
    const now = this.#clock.now()
    for (const [key, { expiresAt }] of this.#pending) {
      if (expiresAt > now && this.#pending.size < MAX_PENDING) break
      this.#forget(key)
    }
    this.#pending.set(toHex(id), { about, keys, expiresAt: now + this.#lifetimeMs })
  }

  /**
   * @param payload as the own provider handed it over
   * @returns the payload that was sent; undefined for an answer that nobody awaits, or that was touched on its way
   */
  open(
    id: Uint8Array,
    payload: Uint8Array,
  ): { readonly payload: Uint8Array; readonly about: About } | undefined {
    const key = toHex(id)
    const pending = this.#pending.get(key)
    if (pending === undefined) return undefined
    const opened = openSurbReply(this.#geometry, pending.keys, payload)
    this.#forget(key)
    return opened === undefined ? undefined : { payload: opened, about: pending.about }
  }

  /** Erases all keys. */
  end(): void {
    for (const key of [...this.#pending.keys()]) this.#forget(key)
  }

  #forget(key: string): void {
    const pending = this.#pending.get(key)
    if (pending !== undefined) erase(pending.keys)
    this.#pending.delete(key)
  }
}
