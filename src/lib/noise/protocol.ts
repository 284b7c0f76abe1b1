/** Noise protocol names (revision 34, section 8): `Noise_PATTERN_DH_CIPHER_HASH`. */
import { AivError } from '../core/index.ts'
import type { HmacHash } from '../crypto/index.ts'
import { type HandshakePattern, parsePattern } from './patterns.ts'

export interface NoiseProtocol {
  /** The full name, which the transcript starts from. */
  readonly name: string
  readonly pattern: HandshakePattern
  readonly hash: HmacHash
}

const HASHES: ReadonlyMap<string, HmacHash> = new Map([
  ['SHA256', 'sha256'],
  ['BLAKE2s', 'blake2s'],
])

/** Revision 34 wants names of letters, digits and `/`; the hyphens occur in vectors that others published. */
const HYBRID_DH = new Set(['25519+MLKEM768', '25519+ML-KEM-768'])

/**
 * Reads a protocol name.
 * @throws AivError `E_UNSUPPORTED` when any part is unknown, or `hfs` and a KEM do not come together
 */
export function parseProtocol(name: string): NoiseProtocol {
  const [prefix, patternText = '', dh = '', cipher, hashText = '', ...rest] = name.split('_')
  if (prefix !== 'Noise' || rest.length > 0) throw new AivError('E_UNSUPPORTED', 'not a Noise protocol name')
  if (cipher !== 'ChaChaPoly') throw new AivError('E_UNSUPPORTED', 'the Noise cipher is not ChaChaPoly')
  const hash = HASHES.get(hashText)
  if (hash === undefined) throw new AivError('E_UNSUPPORTED', 'the Noise hash is neither SHA256 nor BLAKE2s')
  const isHybrid = HYBRID_DH.has(dh)
  if (!isHybrid && dh !== '25519') throw new AivError('E_UNSUPPORTED', 'the Noise key exchange is not known')
  const pattern = parsePattern(patternText)
  if (pattern.messages.flat().includes('e1') !== isHybrid)
    throw new AivError('E_UNSUPPORTED', 'the hfs modifier and a KEM come only together')
  return { name, pattern, hash }
}
