/** The ticket keys of a listener: private halves of grants, each with its own id and validity. */
import { AivError, type Clock, equal, type RandomSource, unixSeconds } from '../../core/index.ts'
import { type X25519KeyPair, x25519 } from '../../crypto/index.ts'
import { KEY_OVERLAP_S, KEY_VALIDITY_S, KEYS_MOST, TICKET_KEY_ID_BYTES } from './constants.ts'
import type { TicketGrant, TicketSite } from './grant.ts'
import { parsePolicy } from './policy.ts'

export interface TicketKey {
  /** 8 bytes. */
  readonly id: Uint8Array
  readonly pair: X25519KeyPair
  /** Unix seconds, both; the key is good from the first and until just before the second. */
  readonly notBefore: number
  readonly notAfter: number
}

export interface TicketKeyRing extends TicketSite {
  readonly policyText: string
  /** Oldest first. */
  readonly keys: readonly TicketKey[]
}

export function isValidAt(key: TicketKey, unixTime: number): boolean {
  return unixTime >= key.notBefore && unixTime < key.notAfter
}

/** The key with this id, if the ring has it and it is valid. */
export function findKey(keys: readonly TicketKey[], id: Uint8Array, unixTime: number): TicketKey | undefined {
  return keys.find((key) => equal(key.id, id) && isValidAt(key, unixTime))
}

/** @param validityS seconds from now on */
export function newTicketKey(random: RandomSource, clock: Clock, validityS = KEY_VALIDITY_S): TicketKey {
  const now = unixSeconds(clock)
  return {
    id: random.bytes(TICKET_KEY_ID_BYTES),
    pair: x25519.generate(random),
    notBefore: now,
    notAfter: now + validityS,
  }
}

/**
 * Adds a key beside those that are still valid.
 * @throws AivError `E_INPUT` when 8 are active
 */
export function addKey(ring: TicketKeyRing, key: TicketKey, clock: Clock): TicketKeyRing {
  const now = unixSeconds(clock)
  const active = ring.keys.filter(({ notAfter }) => notAfter > now)
  if (active.length >= KEYS_MOST) {
    throw new AivError('E_INPUT', `there are ${KEYS_MOST} active ticket keys already`, {
      hint: 'Wait until one expires, or keep another key file for another listener.',
    })
  }
  return { ...ring, keys: [...active, key] }
}

/** Adds a key and lets all older ones end after the overlap, so that holders have time to get the new grant. */
export function rotateKeys(
  ring: TicketKeyRing,
  key: TicketKey,
  clock: Clock,
  overlapS = KEY_OVERLAP_S,
): TicketKeyRing {
  const end = unixSeconds(clock) + overlapS
  const ending = ring.keys.map((old) => ({ ...old, notAfter: Math.min(old.notAfter, end) }))
  return addKey({ ...ring, keys: ending }, key, clock)
}

/** What the holder of this key's tickets needs. */
export function grantOf(ring: TicketKeyRing, { id, pair, notAfter }: TicketKey): TicketGrant {
  const { policyText, site, path, cookieName } = ring
  return {
    ticketPub: pair.publicKey,
    ticketKeyId: id,
    policyText,
    policy: parsePolicy(policyText),
    site,
    path,
    cookieName,
    notAfter,
  }
}
