/** Peer ids: the multihash `0x12 0x20 ‖ SHA-256(Ed25519 public key)` in base32, 55 characters. */
import { AivError, concat, decodeBase32, encodeBase32 } from '../core/index.ts'
import { sha256 } from '../crypto/index.ts'

const SHA2_256 = 0x12
const DIGEST_BYTES = 32
const TEXT_LENGTH = 55

/** @param signPublic 32 bytes, the Ed25519 public key */
export function peerIdOf(signPublic: Uint8Array): string {
  return encodeBase32(concat(Uint8Array.of(SHA2_256, DIGEST_BYTES), sha256(signPublic)))
}

/**
 * The 34 bytes of a peer id.
 * @throws AivError `E_MALFORMED` unless the text is exactly what `peerIdOf` writes
 */
export function parsePeerId(text: string): Uint8Array {
  if (text.length !== TEXT_LENGTH)
    throw new AivError('E_MALFORMED', `a peer id has ${TEXT_LENGTH} characters`)
  const bytes = decodeBase32(text)
  if (bytes[0] !== SHA2_256 || bytes[1] !== DIGEST_BYTES) {
    throw new AivError('E_MALFORMED', 'a peer id is a SHA-256 multihash')
  }
  return bytes
}
