/**
 * The onion of Lightning (BOLT 4): Sphinx without a payload, over secp256k1, with slots of any length. It is here to prove
 * the construction of this area once more with public vectors; no network of ours speaks it.
 */
import { AivError, concat, equal, isAllZero, utf8 } from '../../core/index.ts'
import { chacha20Keystream, constantTimeEqual, hmac, type Secp256k1, sha256 } from '../../crypto/index.ts'
import { type HeaderCiphers, nestHeader, openRegion } from './nested-header.ts'
import { readBigSize } from './tlv.ts'

const VERSION = 0x00
const POINT_BYTES = 33
const HOP_PAYLOADS_BYTES = 1300
const MAC_BYTES = 32
const REGION_AT = 1 + POINT_BYTES
const MAC_AT = REGION_AT + HOP_PAYLOADS_BYTES
export const ONION_BYTES = MAC_AT + MAC_BYTES
/** At the last hop there is no next MAC to check. */
const NO_MAC = new Uint8Array(MAC_BYTES)
/** Shorter lengths are reserved. */
const SHORTEST_PAYLOAD = 2

export interface OnionHop {
  readonly publicKey: Uint8Array
  /** With its length before it. */
  readonly payload: Uint8Array
}

export interface OpenedOnion {
  readonly secret: Uint8Array
  /** With its length before it. */
  readonly payload: Uint8Array
  /** Undefined at the last hop. */
  readonly next: Uint8Array | undefined
}

/** A key for one purpose from a shared secret: the name is the key of the HMAC. */
export function derivedKey(name: string, secret: Uint8Array): Uint8Array {
  return hmac('sha256', utf8(name), secret)
}

/**
 * @param sessionKey 32 bytes: the private key for the first hop
 * @param associatedData what all MACs cover besides
 */
export function createOnion(
  group: Secp256k1,
  sessionKey: Uint8Array,
  hops: readonly OnionHop[],
  associatedData: Uint8Array,
): Uint8Array {
  const secrets = shareSecrets(
    group,
    sessionKey,
    hops.map(({ publicKey }) => publicKey),
  )
  const header = nestHeader(
    ciphersOf(associatedData),
    HOP_PAYLOADS_BYTES,
    hops.map(({ payload }, i) => ({
      secret: secrets[i] as Uint8Array,
      slotBytes: payload.length + MAC_BYTES,
      slot: (mac) => concat(payload, mac ?? NO_MAC),
    })),
    chacha20Keystream(derivedKey('pad', sessionKey), HOP_PAYLOADS_BYTES),
  )
  return concat(Uint8Array.of(VERSION), group.publicKey(sessionKey), header.region, header.mac)
}

/**
 * The secret that each hop will find, for the keys blinded hop by hop.
 * @throws AivError `E_CRYPTO` when a public key is no point
 */
export function shareSecrets(
  group: Secp256k1,
  sessionKey: Uint8Array,
  publicKeys: readonly Uint8Array[],
): Uint8Array[] {
  let ephemeral = sessionKey
  return publicKeys.map((publicKey) => {
    const secret = sharedSecret(group, publicKey, ephemeral)
    if (secret === undefined) throw new AivError('E_CRYPTO', 'a public key is no point of secp256k1')
    ephemeral = group.multiplyScalars(ephemeral, sha256(group.publicKey(ephemeral), secret))
    return secret
  })
}

/** SHA-256 of the compressed point; undefined when the peer's bytes are none. */
export function sharedSecret(
  group: Secp256k1,
  point: Uint8Array,
  scalar: Uint8Array,
): Uint8Array | undefined {
  const shared = group.multiply(point, scalar)
  return shared === undefined ? undefined : sha256(shared)
}

/** Opens an onion with a node's private key; undefined when it is not for this key or was touched. */
export function openOnion(
  group: Secp256k1,
  privateKey: Uint8Array,
  onion: Uint8Array,
  associatedData: Uint8Array,
): OpenedOnion | undefined {
  if (onion.length !== ONION_BYTES || onion[0] !== VERSION) return undefined
  const point = onion.subarray(1, REGION_AT)
  const secret = sharedSecret(group, point, privateKey)
  if (secret === undefined) return undefined
  const ciphers = ciphersOf(associatedData)
  const region = onion.subarray(REGION_AT, MAC_AT)
  if (!constantTimeEqual(ciphers.mac(secret, region), onion.subarray(MAC_AT))) return undefined
  const open = openRegion(ciphers, secret, region, HOP_PAYLOADS_BYTES)
  const payloadBytes = lengthOfPayload(open)
  if (payloadBytes === undefined) return undefined
  const slotBytes = payloadBytes + MAC_BYTES
  const payload = open.slice(0, payloadBytes)
  const mac = open.subarray(payloadBytes, slotBytes)
  if (isAllZero(mac)) return { secret, payload, next: undefined }
  const blinded = group.multiply(point, sha256(point, secret))
  if (blinded === undefined) return undefined
  const nextRegion = open.subarray(slotBytes, slotBytes + HOP_PAYLOADS_BYTES)
  return { secret, payload, next: concat(Uint8Array.of(VERSION), blinded, nextRegion, mac) }
}

/** Bytes of the first payload with its length; undefined when it is reserved or too long. */
function lengthOfPayload(open: Uint8Array): number | undefined {
  const length = readBigSize(open, 0)
  if (length === undefined || length.value < SHORTEST_PAYLOAD) return undefined
  const bytes = length.bytes + length.value
  return bytes + MAC_BYTES <= HOP_PAYLOADS_BYTES ? bytes : undefined
}

function ciphersOf(associatedData: Uint8Array): HeaderCiphers {
  return {
    stream: (secret, length) => chacha20Keystream(derivedKey('rho', secret), length),
    mac: (secret, region) => hmac('sha256', derivedKey('mu', secret), region, associatedData),
  }
}

/** Wraps the answer of a failing hop, or the packet of a hop behind, for the way back to the sender. */
export function wrapFailure(secret: Uint8Array, packet: Uint8Array): Uint8Array {
  const stream = chacha20Keystream(derivedKey('ammag', secret), packet.length)
  return packet.map((byte, i) => byte ^ (stream[i] as number))
}

/** What the failing hop wraps first. */
export function authenticateFailure(secret: Uint8Array, payload: Uint8Array): Uint8Array {
  return concat(hmac('sha256', derivedKey('um', secret), payload), payload)
}

/** The hop that failed, counted from 0, and what it said; undefined when no hop of the path made this packet. */
export function openFailure(
  secrets: readonly Uint8Array[],
  packet: Uint8Array,
): { readonly hop: number; readonly payload: Uint8Array } | undefined {
  let open = packet
  for (const [hop, secret] of secrets.entries()) {
    open = wrapFailure(secret, open)
    const payload = open.subarray(MAC_BYTES)
    if (equal(authenticateFailure(secret, payload), open)) return { hop, payload }
  }
  return undefined
}
