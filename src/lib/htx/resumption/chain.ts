/** A chain of resumptions: it begins with a full handshake and ends however often it is renewed (section 8). */
import { type Clock, unixSeconds } from '../../core/index.ts'
import { CHAIN_MOST_S, TICKET_LIFETIME_MOST_S } from './constants.ts'

/** What every resumed session inherits unchanged, so that a stolen psk does not live for ever. */
export interface ResumptionChain {
  /** The lower `not_after` of both certificates of the full handshake, unix seconds. */
  readonly certNotAfter: number
  /** When that handshake was, unix seconds. */
  readonly fullAt: number
}

/** The chain that a full handshake begins now. */
export function beginChain(clock: Clock, notAfter: number, otherNotAfter: number): ResumptionChain {
  return { certNotAfter: Math.min(notAfter, otherNotAfter), fullAt: unixSeconds(clock) }
}

/**
 * When a ticket of this chain expires that would live for `lifetimeS`; unix seconds. At or before now: there is
 * nothing left of the chain.
 */
export function ticketExpiry(clock: Clock, chain: ResumptionChain, lifetimeS: number): number {
  const lifetime = Math.min(lifetimeS, TICKET_LIFETIME_MOST_S)
  return Math.min(unixSeconds(clock) + lifetime, chain.certNotAfter, chain.fullAt + CHAIN_MOST_S)
}
