/**
 * The secret that a KEM made of X25519 gives: the Diffie-Hellman result bound to both public keys. The ciphertext is the
 * sender's ephemeral public key. Vectors: katzenpost/hpqc, testvectors/kem/adapter_test_vectors.json.
 */
import { concat, u32, utf8 } from '../core/index.ts'
import { blake2b } from './blake2b.ts'
import { X25519_BYTES } from './constants.ts'
import { requireLength } from './lengths.ts'
import { sha256 } from './node/hash.ts'
import { erase } from './secrets.ts'

/** `sha256-v1` needs SHA-256 alone; `blake2b-xof` is what Katzenpost has deployed. */
export const KEM_PRFS = ['sha256-v1', 'blake2b-xof'] as const
export type KemPrf = (typeof KEM_PRFS)[number]

const SHA256_LABEL = utf8('kemadapter-sha256-v1')
const PART_LENGTH = u32(X25519_BYTES)
const SECRET_BYTES = 32
const ROOT_BYTES = 64

/**
 * @param dh X25519 of the two keys, 32 bytes
 * @param hopPublic the receiver's public key, 32 bytes
 * @param ciphertext 32 bytes
 * @returns 32 bytes
 * @throws AivError `E_CRYPTO` on other lengths
 */
export function kemSecret(
  prf: KemPrf,
  dh: Uint8Array,
  hopPublic: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  requireLength(dh, X25519_BYTES, 'X25519 secret')
  requireLength(hopPublic, X25519_BYTES, 'X25519 public key')
  requireLength(ciphertext, X25519_BYTES, 'KEM ciphertext')
  if (prf === 'blake2b-xof') return blake2xb32(dh, concat(hopPublic, ciphertext))
  return sha256(SHA256_LABEL, PART_LENGTH, dh, PART_LENGTH, hopPublic, PART_LENGTH, ciphertext)
}

/** BLAKE2Xb (blake2.net/blake2x.pdf) with a 32-byte output, so one output block. */
function blake2xb32(key: Uint8Array, message: Uint8Array): Uint8Array {
  const xofBytes = SECRET_BYTES
  const root = blake2b({ digestBytes: ROOT_BYTES, key, xofBytes }, message)
  const parameters = { fanout: 0, depth: 0, leafBytes: ROOT_BYTES, xofBytes, innerBytes: ROOT_BYTES }
  const secret = blake2b({ digestBytes: SECRET_BYTES, ...parameters }, root)
  erase(root)
  return secret
}
