/** Peer ids (htx 2.1): base32 of the multihash `0x12 0x20 ‖ SHA-256(Ed25519 public key)`. */
import { AivError, concat, decodeBase32, encodeBase32, equal } from '../core/index.ts'
import { ED25519_BYTES, HASH_BYTES, sha256 } from '../crypto/index.ts'
import { MULTIHASH_SHA256, PEER_ID_LENGTH } from './constants.ts'

/**
 * The peer id, 55 characters, of an Ed25519 public key.
 * @throws AivError `E_INPUT` when the key does not have 32 bytes
 */
export function peerIdOf(ed25519Public: Uint8Array): string {
  if (ed25519Public.length !== ED25519_BYTES)
    throw new AivError('E_INPUT', 'an Ed25519 public key has 32 bytes')
  return encodeBase32(concat(MULTIHASH_SHA256, sha256(ed25519Public)))
}

/**
 * The 34 bytes of a peer id. Only the one canonical spelling is taken.
 * @throws AivError `E_MALFORMED`
 */
export function parsePeerId(text: string): Uint8Array {
  // Before decoding, so that a hostile text costs nothing.
  if (text.length !== PEER_ID_LENGTH) throw malformed()
  const bytes = decodeBase32(text)
  if (bytes.length !== MULTIHASH_SHA256.length + HASH_BYTES) throw malformed()
  if (!equal(bytes.subarray(0, MULTIHASH_SHA256.length), MULTIHASH_SHA256)) throw malformed()
  return bytes
}

/** Whether the text is a canonical peer id. */
export function isPeerId(text: string): boolean {
  try {
    parsePeerId(text)
    return true
  } catch {
    return false
  }
}

function malformed(): AivError {
  return new AivError('E_MALFORMED', 'not a peer id', {
    hint: `A peer id has ${PEER_ID_LENGTH} characters and starts with ciq.`,
  })
}
