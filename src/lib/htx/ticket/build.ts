/** The client's part of section 9.2: a new ticket for each attempt. */
import { AivError, type Clock, type RandomSource, uniformInt, unixSeconds } from '../../core/index.ts'
import { erase, type X25519KeyPair, x25519 } from '../../crypto/index.ts'
import { NONCE_BYTES, PADDING_BYTES } from './constants.ts'
import { type AccessTicketBinding, accessTicketOf, hourOf } from './derive.ts'
import type { TicketGrant } from './grant.ts'
import { encodePayload } from './payload.ts'

export interface BuildTicketOptions {
  readonly clock: Clock
  readonly random: RandomSource
  readonly binding: AccessTicketBinding
}

/**
 * Makes the payload of one attempt, of the version that the grant's policy announces. No two tickets have anything
 * in common but the key id.
 * @throws AivError `E_TICKET_EXPIRED`, `E_MALFORMED` when the grant holds a low-order key
 */
export function buildTicket(grant: TicketGrant, options: BuildTicketOptions): Uint8Array {
  const { clock, random, binding } = options
  const now = unixSeconds(clock)
  if (now >= grant.notAfter) {
    throw new AivError('E_TICKET_EXPIRED', 'the grant has expired', {
      hint: 'Ask the operator of the listener for a new one, and check the clock of this machine.',
    })
  }
  const client = x25519.generate(random)
  const shared = sharedWith(client, grant.ticketPub)
  const { version } = grant.policy
  const keyId = grant.ticketKeyId
  const nonce = random.bytes(NONCE_BYTES)
  const accessTicket = accessTicketOf(shared, { version, keyId, hour: hourOf(now), nonce, binding })
  erase(shared)
  const padding = random.bytes(uniformInt(random, PADDING_BYTES.min, PADDING_BYTES.max))
  return encodePayload({ version, clientPublic: client.publicKey, keyId, nonce, accessTicket }, padding)
}

function sharedWith(client: X25519KeyPair, ticketPub: Uint8Array): Uint8Array {
  try {
    return client.sharedSecret(ticketPub)
  } catch (cause) {
    throw new AivError('E_MALFORMED', 'the grant is unusable: its key is of low order', { cause })
  } finally {
    client.erase()
  }
}
