/** The server's part of section 9.4, in its order, cheap first. */
import {
  type Clock,
  isAivError,
  KeyedTokenBuckets,
  TokenBucket,
  type TokenBucketOptions,
  unixSeconds,
} from '../../core/index.ts'
import { constantTimeEqual, erase } from '../../crypto/index.ts'
import { BUCKET_PREFIXES, GLOBAL_BUCKET, PREFIX_BUCKET } from './constants.ts'
import { type AccessTicketBinding, accessTicketOf, hourOf, replayTag } from './derive.ts'
import { findKey, type TicketKey } from './key-ring.ts'
import { payloadOrUndefined } from './payload.ts'
import type { TicketVersion } from './policy.ts'
import type { ReplayStore } from './replay-store.ts'
import { StandIn } from './stand-in.ts'

/** What became of a ticket. Only `accepted` lets anybody in; the others look alike from outside. */
export type AccessTicketOutcome =
  | 'accepted'
  | 'rate-limited'
  | 'malformed'
  | 'unknown-key'
  | 'not-genuine'
  | 'replayed'
  | 'full'

export interface TicketContext {
  /** The /24 or /56 that the connection comes from. */
  readonly prefix: string
  readonly binding: AccessTicketBinding
  /** Allowed on this link. */
  readonly versions: readonly TicketVersion[]
}

export interface TicketRates {
  readonly prefix: TokenBucketOptions
  readonly global: TokenBucketOptions
  readonly prefixes: number
}

const DEFAULT_RATES: TicketRates = { prefix: PREFIX_BUCKET, global: GLOBAL_BUCKET, prefixes: BUCKET_PREFIXES }

export interface TicketVerifierOptions {
  readonly clock: Clock
  /** Asked at every ticket, so that a changed key file counts at once. */
  readonly keys: () => readonly TicketKey[]
  readonly replay: ReplayStore
  readonly rates?: TicketRates
}

/** A ticket that proves knowledge of its key for an hour around now; whether it was used before is another question. */
export interface GenuineTicket {
  readonly hour: number
  /** Key of the replay store. */
  readonly tag: Uint8Array
}

export class AccessTicketVerifier {
  readonly #options: TicketVerifierOptions
  readonly #prefixes: KeyedTokenBuckets
  readonly #global: TokenBucket
  readonly #standIn: StandIn

  constructor(options: TicketVerifierOptions) {
    const { clock, rates = DEFAULT_RATES } = options
    this.#options = options
    this.#prefixes = new KeyedTokenBuckets(clock, rates.prefix, rates.prefixes)
    this.#global = new TokenBucket(clock, rates.global)
    this.#standIn = new StandIn(clock, options.replay, rates)
  }

  /**
   * Judges and consumes the ticket of one connection; `accepted` is durable when it resolves.
   * @param payload undefined when the connection carries none
   * @throws AivError what the replay store throws; the connection is then refused
   */
  async check(payload: Uint8Array | undefined, context: TicketContext): Promise<AccessTicketOutcome> {
    if (!this.#takeToken(context.prefix)) return 'rate-limited'
    const { clock, keys } = this.#options
    const genuine = examineTicket(payload, keys(), unixSeconds(clock), context)
    return typeof genuine === 'string' ? genuine : await this.#consume(genuine)
  }

  /**
   * As `check`, and as much work whatever the outcome, for a site that answers everybody (section 10.3): one X25519,
   * three HKDF and a round trip to the replay store, on a stand-in where there is nothing to examine. Nobody without a
   * ticket takes from the rates of those who have one.
   * @param payload undefined when the request carries none, or could not become a link anyway
   * @throws AivError what the replay store throws; the request is then one without a ticket
   */
  async checkUniformly(
    payload: Uint8Array | undefined,
    context: TicketContext,
  ): Promise<AccessTicketOutcome | 'absent'> {
    const { clock, keys } = this.#options
    const now = unixSeconds(clock)
    const standIn = this.#standIn
    const examined = payload ?? standIn.payload(context.versions)
    const isAllowed =
      payload === undefined ? standIn.takeToken(context.prefix) : this.#takeToken(context.prefix)
    const judged = examineTicket(examined, keys(), now, context)
    if (typeof judged !== 'string' && isAllowed) return await this.#consume(judged)
    if (judged === 'malformed' || judged === 'unknown-key')
      examineTicket(standIn.payload(context.versions), [standIn.key], now, context)
    await standIn.lookUp()
    if (payload === undefined) return 'absent'
    return typeof judged === 'string' && isAllowed ? judged : 'rate-limited'
  }

  #takeToken(prefix: string): boolean {
    // The prefix first: one that is over its rate must not empty the bucket of all others.
    return this.#prefixes.take(prefix) && this.#global.take()
  }

  async #consume({ tag, hour }: GenuineTicket): Promise<'accepted' | 'replayed' | 'full'> {
    const insertion = await this.#options.replay.insert(tag, hour)
    if (insertion === 'inserted') return 'accepted'
    return insertion === 'full' ? 'full' : 'replayed'
  }
}

/**
 * Steps 2 to 5: everything that needs no memory.
 * @returns why not, as a word
 */
export function examineTicket(
  payload: Uint8Array | undefined,
  keys: readonly TicketKey[],
  unixTime: number,
  { binding, versions }: Pick<TicketContext, 'binding' | 'versions'>,
): GenuineTicket | 'malformed' | 'unknown-key' | 'not-genuine' {
  const ticket = payload === undefined ? undefined : payloadOrUndefined(payload)
  const version = versions.find((allowed) => allowed === ticket?.version)
  if (ticket === undefined || version === undefined) return 'malformed'
  const { keyId, clientPublic, nonce, accessTicket } = ticket
  const key = findKey(keys, keyId, unixTime)
  if (key === undefined) return 'unknown-key'
  const known = sharedOrUndefined(key, clientPublic)
  // On with other bytes: what follows must not tell a point of small order by being left out.
  const shared = known ?? accessTicket.slice()
  const now = hourOf(unixTime)
  let matched: number | undefined
  // All three, whichever fits: the time must not say how far the clocks are apart.
  for (const hour of [now - 1, now, now + 1]) {
    const expected = accessTicketOf(shared, { version, keyId, hour, nonce, binding })
    if (constantTimeEqual(expected, accessTicket)) matched = hour
    erase(expected)
  }
  const tag = replayTag(keyId, shared)
  erase(shared)
  return matched === undefined || known === undefined ? 'not-genuine' : { hour: matched, tag }
}

/** Undefined for a point of small order, whose shared secret everybody knows. */
function sharedOrUndefined({ pair }: TicketKey, clientPublic: Uint8Array): Uint8Array | undefined {
  try {
    return pair.sharedSecret(clientPublic)
  } catch (error) {
    if (isAivError(error, 'E_CRYPTO')) return undefined
    throw error
  }
}
