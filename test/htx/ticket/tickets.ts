/** Keys, grants and tickets for tests, on a clock that the test moves. */
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import {
  type AccessTicketBinding,
  AccessTicketVerifier,
  buildTicket,
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  grantOf,
  newTicketKey,
  REPLAY_SCHEMA,
  type ReplayLimits,
  ReplayStore,
  type TicketContext,
  type TicketGrant,
  type TicketKey,
  type TicketRates,
} from '../../../src/lib/htx/ticket/index.ts'
import { openMemoryStore, type Store } from '../../../src/lib/storage/index.ts'

/** 2026-11-25T00:00:00Z: the first second of an hour. */
export const HOUR_START_MS = 1_795_564_800_000
export const HOUR_MS = 3_600_000

export const UNBOUND: AccessTicketBinding = {
  serverStatic: new Uint8Array(32).fill(9),
  bind32: new Uint8Array(32),
}

/** Somebody at one place, over a link that takes both versions. */
export function from(prefix: string, versions: TicketContext['versions'] = [1, 2]): TicketContext {
  return { prefix, binding: UNBOUND, versions }
}

const NO_RATES: TicketRates = {
  prefix: { capacity: 1e9, refillPerSecond: 1e9 },
  global: { capacity: 1e9, refillPerSecond: 1e9 },
  prefixes: 10,
}

export interface TicketOffice {
  readonly clock: ManualClock
  readonly key: TicketKey
  readonly grant: TicketGrant
  readonly replay: ReplayStore
  readonly verifier: AccessTicketVerifier
  /** A new ticket, as a client makes it whose clock is off by that much. */
  ticket(offByMs?: number): Uint8Array
}

export interface OfficeOptions {
  readonly clock?: ManualClock
  readonly store?: Store
  readonly limits?: ReplayLimits
  readonly rates?: TicketRates
  readonly policyText?: string
}

const random = new SeededRandom(77)

export function ticketFor(grant: TicketGrant, clock: ManualClock, offByMs = 0): Uint8Array {
  const theirs = new ManualClock(clock.wallMs() + offByMs)
  return buildTicket(grant, { clock: theirs, random, binding: UNBOUND })
}

/** A key that is long valid, its grant, and a verifier with its replay store. */
export async function ticketOffice(options: OfficeOptions = {}): Promise<TicketOffice> {
  const { clock = new ManualClock(HOUR_START_MS + HOUR_MS / 2), policyText = DEFAULT_POLICY_TEXT } = options
  const key = { ...newTicketKey(random, clock), notBefore: 0 }
  const grant = grantOf({ policyText, ...DEFAULT_SITE, keys: [key] }, key)
  const store = options.store ?? (await openMemoryStore(REPLAY_SCHEMA))
  const onError = (error: Error): never => {
    throw error
  }
  const replay = await ReplayStore.open(store, clock, onError, options.limits)
  const verifier = new AccessTicketVerifier({
    clock,
    keys: () => [key],
    replay,
    rates: options.rates ?? NO_RATES,
  })
  const ticket = (offByMs?: number): Uint8Array => ticketFor(grant, clock, offByMs)
  return { clock, key, grant, replay, verifier, ticket }
}
