/**
 * A ticket that nobody sent, for requests that bring none (section 10.3): examining it costs what examining a real one
 * costs, and its tag is in the replay store already, so that looking it up writes nothing.
 */
import { type Clock, KeyedTokenBuckets, TokenBucket, unixSeconds } from '../../core/index.ts'
import { systemRandom, x25519 } from '../../crypto/index.ts'
import {
  ACCESS_TICKET_BYTES,
  NONCE_BYTES,
  PADDING_BYTES,
  REPLAY_HOURS_AFTER,
  REPLAY_TAG_BYTES,
  TICKET_KEY_ID_BYTES,
} from './constants.ts'
import { hourOf } from './derive.ts'
import type { TicketKey } from './key-ring.ts'
import { encodePayload } from './payload.ts'
import type { TicketVersion } from './policy.ts'
import type { ReplayStore } from './replay-store.ts'
import type { TicketRates } from './verifier.ts'

interface Entry {
  readonly tag: Uint8Array
  readonly hour: number
  readonly stored: Promise<unknown>
}

export class StandIn {
  /** In no key file. */
  readonly key: TicketKey = {
    id: systemRandom.bytes(TICKET_KEY_ID_BYTES),
    pair: x25519.generate(),
    notBefore: 0,
    notAfter: Infinity,
  }
  readonly #clock: Clock
  readonly #replay: ReplayStore
  readonly #payload: Uint8Array
  readonly #prefixes: KeyedTokenBuckets
  readonly #global: TokenBucket
  #entry: Entry | undefined

  constructor(clock: Clock, replay: ReplayStore, rates: TicketRates) {
    this.#clock = clock
    this.#replay = replay
    this.#prefixes = new KeyedTokenBuckets(clock, rates.prefix, rates.prefixes)
    this.#global = new TokenBucket(clock, rates.global)
    const parts = {
      version: 1,
      clientPublic: x25519.generate().publicKey,
      keyId: this.key.id,
      nonce: systemRandom.bytes(NONCE_BYTES),
      accessTicket: systemRandom.bytes(ACCESS_TICKET_BYTES),
    }
    this.#payload = encodePayload(parts, systemRandom.bytes(PADDING_BYTES.min))
  }

  /** Of a version that the link allows, and of no key of the listener; never genuine. */
  payload(versions: readonly TicketVersion[]): Uint8Array {
    const payload = this.#payload.slice()
    payload[0] = versions[0] ?? 1
    return payload
  }

  /** From buckets that nobody depends on, and that nobody looks into. */
  takeToken(prefix: string): boolean {
    return this.#prefixes.take(prefix) && this.#global.take()
  }

  /** One round trip to the replay store that ends with `present`. @throws AivError what the store throws */
  async lookUp(): Promise<void> {
    const { tag, hour, stored } = this.#liveEntry()
    await stored
    await this.#replay.insert(tag, hour)
  }

  /** Renewed an hour before the store would forget it, and when the wall clock was set. */
  #liveEntry(): Entry {
    const now = hourOf(unixSeconds(this.#clock))
    const known = this.#entry
    if (known !== undefined && known.hour <= now + 1 && known.hour > now - REPLAY_HOURS_AFTER) return known
    const tag = systemRandom.bytes(REPLAY_TAG_BYTES)
    const hour = now + 1
    const entry: Entry = { tag, hour, stored: this.#replay.insert(tag, hour) }
    this.#entry = entry
    entry.stored.catch(() => {
      if (this.#entry === entry) this.#entry = undefined
    })
    return entry
  }
}
