/** What a ticket is made of (sections 9.2 and 9.4). The same on both sides. */
import { concat, EMPTY, u64, utf8 } from '../../core/index.ts'
import { erase, hkdf, sha256 } from '../../crypto/index.ts'
import { ACCESS_TICKET_BYTES, HOUR_S, REPLAY_TAG_BYTES } from './constants.ts'
import type { TicketVersion } from './policy.ts'

const LABEL_1 = utf8('betanet-ticket-v1')
const LABEL_2 = utf8('betanet-ticket-v2')

/** What version 2 ties a ticket to. */
export interface AccessTicketBinding {
  /** X25519 key of the listener, 32 bytes. */
  readonly serverStatic: Uint8Array
  /** `bind32` of the outer TLS connection, 32 zero bytes where the session is not bound. */
  readonly bind32: Uint8Array
}

export interface TicketInputs {
  readonly version: TicketVersion
  readonly keyId: Uint8Array
  readonly hour: number
  readonly nonce: Uint8Array
  readonly binding: AccessTicketBinding
}

/** Hours since the Unix epoch, UTC. */
export function hourOf(unixSeconds: number): number {
  return Math.floor(unixSeconds / HOUR_S)
}

export function ticketSalt({ version, keyId, hour, nonce, binding }: TicketInputs): Uint8Array {
  // Joined: hashing one short array costs a fraction of hashing it in parts, and a check does this three times.
  return sha256(
    version === 1
      ? concat(LABEL_1, keyId, u64(hour))
      : concat(LABEL_2, keyId, u64(hour), nonce, binding.serverStatic, binding.bind32),
  )
}

/** @param shared X25519 of cliPub and ticketPub */
export function accessTicketOf(shared: Uint8Array, inputs: TicketInputs): Uint8Array {
  return hkdf(shared, ticketSalt(inputs), EMPTY, ACCESS_TICKET_BYTES)
}

/**
 * What the replay store remembers. Not cliPub: adding a point of small order to it changes nothing about the shared
 * secret, so that one ticket would pass under several names.
 */
export function replayTag(keyId: Uint8Array, shared: Uint8Array): Uint8Array {
  const joined = concat(keyId, shared)
  const tag = sha256(joined).slice(0, REPLAY_TAG_BYTES)
  erase(joined)
  return tag
}
