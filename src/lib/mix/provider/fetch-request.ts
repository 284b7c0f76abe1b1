/**
 * How the owner of a mailbox asks for what waits there: `version 1 | public key 32 | number of names 1 | names 16 each |
 * signature 64`, Ed25519 over the domain, the provider's id and all before the signature. It travels inside a packet,
 * so only the provider reads it; that it can be replayed there neither gives anything to anybody else nor deletes
 * anything that is not received.
 */
import { AivError, concat, utf8 } from '../../core/index.ts'
import { ED25519_BYTES, type Ed25519KeyPair, ed25519, sha256 } from '../../crypto/index.ts'
import { BODY_NAME_BYTES } from './mailboxes.ts'

const VERSION = 1
const DOMAIN = utf8('aiv-mix-fetch-v1')
const MAILBOX_DOMAIN = utf8('aiv-mix-mailbox-v1')
const SIGNATURE_BYTES = 64
const NAMES_AT = 1 + ED25519_BYTES + 1
const MAX_NAMES = 255

export interface FetchRequest {
  /** 32 bytes. */
  readonly mailbox: Uint8Array
  /** Of bodies that were received. */
  readonly names: readonly Uint8Array[]
}

/** The id of the mailbox that a key owns: nobody needs to register, and nobody learns the key from the id. */
export function mailboxOf(publicKey: Uint8Array): Uint8Array {
  return sha256(MAILBOX_DOMAIN, publicKey)
}

/** How many names a request of `bytes` has room for. */
export function namesRoom(bytes: number): number {
  return Math.max(0, Math.min(MAX_NAMES, Math.floor((bytes - NAMES_AT - SIGNATURE_BYTES) / BODY_NAME_BYTES)))
}

/**
 * @param provider node id, 32 bytes: another provider cannot use the request
 * @param names of bodies that were received, 16 bytes each
 * @throws AivError `E_TOO_LARGE` for more names than 255
 */
export function encodeFetchRequest(
  key: Ed25519KeyPair,
  provider: Uint8Array,
  names: readonly Uint8Array[],
): Uint8Array {
  if (names.length > MAX_NAMES)
    throw new AivError('E_TOO_LARGE', `a request names ${MAX_NAMES} bodies at most`)
  const head = concat(Uint8Array.of(VERSION), key.publicKey, Uint8Array.of(names.length), ...names)
  return concat(head, key.sign(concat(DOMAIN, provider, head)))
}

/** @returns undefined when it is none, or not signed by the owner */
export function decodeFetchRequest(provider: Uint8Array, body: Uint8Array): FetchRequest | undefined {
  const count = body[NAMES_AT - 1]
  if (body[0] !== VERSION || count === undefined) return undefined
  const end = NAMES_AT + count * BODY_NAME_BYTES
  if (body.length !== end + SIGNATURE_BYTES) return undefined
  const publicKey = body.subarray(1, 1 + ED25519_BYTES)
  const signed = concat(DOMAIN, provider, body.subarray(0, end))
  if (!ed25519.verify(publicKey, signed, body.subarray(end))) return undefined
  const names = Array.from({ length: count }, (_, i) =>
    body.slice(NAMES_AT + i * BODY_NAME_BYTES, NAMES_AT + (i + 1) * BODY_NAME_BYTES),
  )
  return { mailbox: mailboxOf(publicKey), names }
}
