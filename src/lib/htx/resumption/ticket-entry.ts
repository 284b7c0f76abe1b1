/** A ticket that a client holds, and its entry in the file: `{peer, x, handle, psk, expires, hybrid, certNotAfter, fullAt}`. */
import { AivError, decodeBase32, encodeBase32, toHex } from '../../core/index.ts'
import { X25519_BYTES } from '../../crypto/index.ts'
import { isPeerId, JsonFields } from '../../identity/index.ts'
import type { ResumptionChain } from './chain.ts'
import { HANDLE_LENGTH, PSK_LENGTH } from './constants.ts'

export interface HeldTicket extends ResumptionChain {
  /** Of the listener. */
  readonly peer: string
  /** The listener's X25519 static key. */
  readonly x: Uint8Array
  readonly handle: Uint8Array
  readonly psk: Uint8Array
  /** Unix seconds. */
  readonly expires: number
  readonly hybrid: boolean
}

/** The identity that a client has shown to get a ticket. */
export interface TicketUser {
  /** Peer id. */
  readonly peer: string
  /** X25519 static key. */
  readonly x: Uint8Array
}

export interface TicketEntry {
  readonly ticket: HeldTicket
  /** Undefined for a throw-away identity. Written as additional fields `own` and `ownX`. */
  readonly user: TicketUser | undefined
}

export function formatEntry({ ticket, user }: TicketEntry): object {
  const { peer, x, handle, psk, expires, hybrid, certNotAfter, fullAt } = ticket
  return {
    peer,
    x: encodeBase32(x),
    handle: toHex(handle),
    psk: toHex(psk),
    expires,
    hybrid,
    certNotAfter,
    fullAt,
    ...(user === undefined ? {} : { own: user.peer, ownX: encodeBase32(user.x) }),
  }
}

/** @throws AivError `E_MALFORMED` */
export function parseEntry(value: unknown): TicketEntry {
  const fields = new JsonFields(value)
  const ticket = {
    peer: peerOf(fields, 'peer'),
    x: keyOf(fields, 'x'),
    handle: fields.bytes('handle', HANDLE_LENGTH),
    psk: fields.bytes('psk', PSK_LENGTH),
    expires: fields.integer('expires'),
    hybrid: fields.flag('hybrid'),
    certNotAfter: fields.integer('certNotAfter'),
    fullAt: fields.integer('fullAt'),
  }
  const user = fields.has('own') ? { peer: peerOf(fields, 'own'), x: keyOf(fields, 'ownX') } : undefined
  fields.finish()
  return { ticket, user }
}

function peerOf(fields: JsonFields, name: string): string {
  const peer = fields.text(name)
  if (!isPeerId(peer)) throw new AivError('E_MALFORMED', `its field ${name} is not a peer id`)
  return peer
}

function keyOf(fields: JsonFields, name: string): Uint8Array {
  const x = decodeBase32(fields.text(name))
  if (x.length !== X25519_BYTES) throw new AivError('E_MALFORMED', `its field ${name} is not a key`)
  return x
}
