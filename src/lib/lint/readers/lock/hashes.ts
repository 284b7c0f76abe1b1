/** Hashes as lockfiles write them. One that has the wrong length for its algorithm is none. */
import type { Hash, HashAlgorithm } from '../../bom/index.ts'

const BYTES = {
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
} as const satisfies Partial<Record<HashAlgorithm, number>>

export type LockHashAlgorithm = keyof typeof BYTES

/** @returns undefined when the text is not that many bytes of hex */
export function hexHash(algorithm: LockHashAlgorithm, text: string): Hash | undefined {
  const value = text.toLowerCase()
  return value.length === 2 * BYTES[algorithm] && /^[0-9a-f]+$/.test(value) ? { algorithm, value } : undefined
}

/** @returns undefined when the text is not that many bytes of base64 */
export function base64Hash(algorithm: LockHashAlgorithm, text: string): Hash | undefined {
  if (text.length > 120 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined
  return hexHash(algorithm, Buffer.from(text, 'base64').toString('hex'))
}
