/** A ticket on the wire (section 9.2): 105 fixed bytes and padding, as bytes or as base64url text. */
import { AivError, concat, EMPTY } from '../../core/index.ts'
import { X25519_BYTES } from '../../crypto/index.ts'
import { ACCESS_TICKET_BYTES, NONCE_BYTES, TICKET_BYTES, TICKET_KEY_ID_BYTES } from './constants.ts'

export interface TicketPayload {
  readonly version: number
  /** X25519 key of one attempt. */
  readonly clientPublic: Uint8Array
  readonly keyId: Uint8Array
  readonly nonce: Uint8Array
  readonly accessTicket: Uint8Array
}

/** @param padding 24 to 64 random bytes */
export function encodePayload(payload: TicketPayload, padding: Uint8Array): Uint8Array {
  const { version, clientPublic, keyId, nonce, accessTicket } = payload
  return concat(Uint8Array.of(version), clientPublic, keyId, nonce, accessTicket, padding)
}

/**
 * Takes the fields in order and leaves the padding alone.
 * @throws AivError `E_MALFORMED` on a wrong length or a cliPub with a second spelling
 */
export function parsePayload(bytes: Uint8Array): TicketPayload {
  const payload = payloadOrUndefined(bytes)
  if (payload !== undefined) return payload
  throw malformed(
    isLength(bytes.length) ? 'its key is not in canonical form' : `it has ${bytes.length} bytes`,
  )
}

/** The same, where it must not show in the time whether a ticket was one: an error costs more than all the rest. */
export function payloadOrUndefined(bytes: Uint8Array): TicketPayload | undefined {
  if (!isLength(bytes.length)) return undefined
  let at = 0
  const take = (length: number): Uint8Array => {
    at += length
    return bytes.subarray(at - length, at)
  }
  const version = take(1)[0] as number
  const clientPublic = take(X25519_BYTES)
  const keyId = take(TICKET_KEY_ID_BYTES)
  const nonce = take(NONCE_BYTES)
  const accessTicket = take(ACCESS_TICKET_BYTES)
  // X25519 ignores bit 255 and reduces u, so that a copy with another spelling of the key would verify as well.
  return isCanonicalPoint(clientPublic) ? { version, clientPublic, keyId, nonce, accessTicket } : undefined
}

function isLength(bytes: number): boolean {
  return bytes >= TICKET_BYTES.min && bytes <= TICKET_BYTES.max
}

/** `u < 2^255 - 19`, little-endian, bit 255 clear. */
function isCanonicalPoint(u: Uint8Array): boolean {
  const top = u[X25519_BYTES - 1] as number
  if (top > 0x7f) return false
  if (top < 0x7f || u.subarray(1, X25519_BYTES - 1).some((byte) => byte !== 0xff)) return true
  return (u[0] as number) < 0xed
}

const TEXT = /^[A-Za-z0-9_-]+$/

/** Base64url without `=`. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/**
 * Decodes base64url and insists on its one spelling: no `=`, no other alphabet, zero trailing bits.
 * @throws AivError `E_MALFORMED`
 */
export function decodeBase64Url(text: string): Uint8Array {
  const bytes = base64UrlOrUndefined(text)
  if (bytes === undefined) throw new AivError('E_MALFORMED', 'not base64url without padding')
  return bytes
}

/** The same without an error, as {@link payloadOrUndefined}. */
export function base64UrlOrUndefined(text: string): Uint8Array | undefined {
  const bytes = TEXT.test(text) ? new Uint8Array(Buffer.from(text, 'base64url')) : EMPTY
  return bytes.length === 0 || encodeBase64Url(bytes) !== text ? undefined : bytes
}

function malformed(why: string): AivError {
  return new AivError('E_MALFORMED', `not an access ticket: ${why}`)
}
