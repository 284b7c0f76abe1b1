/** Whether a digest can be one of its algorithm. */
import type { HashAlgorithm } from '../../bom/index.ts'

/** Hex digits. BLAKE3 has any length; 256 bits is the default of its specification. */
const DIGITS: Readonly<Record<HashAlgorithm, number>> = {
  md5: 32,
  sha1: 40,
  sha224: 56,
  sha256: 64,
  sha384: 96,
  sha512: 128,
  'sha3-256': 64,
  'sha3-384': 96,
  'sha3-512': 128,
  'blake2b-256': 64,
  'blake2b-384': 96,
  'blake2b-512': 128,
  blake3: 64,
}

export function isDigest(algorithm: HashAlgorithm, value: string): boolean {
  if (!/^(?:[0-9a-f]{2})+$/i.test(value)) return false
  return algorithm === 'blake3' || value.length === DIGITS[algorithm]
}
