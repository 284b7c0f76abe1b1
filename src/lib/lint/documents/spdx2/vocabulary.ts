/** Words of SPDX 2 for what a bill of materials holds, both ways. */
import type { ComponentType, HashAlgorithm } from '../../bom/index.ts'

const ALGORITHMS: Readonly<Record<HashAlgorithm, string>> = {
  md5: 'MD5',
  sha1: 'SHA1',
  sha224: 'SHA224',
  sha256: 'SHA256',
  sha384: 'SHA384',
  sha512: 'SHA512',
  'sha3-256': 'SHA3-256',
  'sha3-384': 'SHA3-384',
  'sha3-512': 'SHA3-512',
  'blake2b-256': 'BLAKE2b-256',
  'blake2b-384': 'BLAKE2b-384',
  'blake2b-512': 'BLAKE2b-512',
  blake3: 'BLAKE3',
}

/** Algorithms of SPDX that are no {@link HashAlgorithm}: nobody should trust them. */
export const OBSOLETE_ALGORITHMS: readonly string[] = ['MD2', 'MD4', 'MD6', 'ADLER32']

const PURPOSES: Readonly<Record<ComponentType, string>> = {
  application: 'APPLICATION',
  framework: 'FRAMEWORK',
  library: 'LIBRARY',
  container: 'CONTAINER',
  platform: 'OTHER',
  'operating-system': 'OPERATING_SYSTEM',
  device: 'DEVICE',
  firmware: 'FIRMWARE',
  file: 'FILE',
  data: 'OTHER',
}

/** Purposes that no {@link ComponentType} says. */
const OTHER_PURPOSES: readonly string[] = ['OTHER', 'INSTALL', 'ARCHIVE', 'SOURCE']

const algorithmsBack = new Map(Object.entries(ALGORITHMS).map(([ours, theirs]) => [theirs, ours]))
const purposesBack = new Map(
  Object.entries(PURPOSES).flatMap(([ours, theirs]) => (theirs === 'OTHER' ? [] : [[theirs, ours]])),
)

export function spdxAlgorithm(algorithm: HashAlgorithm): string {
  return ALGORITHMS[algorithm]
}

export function algorithmOf(word: string): HashAlgorithm | undefined {
  return algorithmsBack.get(word) as HashAlgorithm | undefined
}

export function spdxPurpose(type: ComponentType): string {
  return PURPOSES[type]
}

export function isPurpose(word: string): boolean {
  return purposesBack.has(word) || OTHER_PURPOSES.includes(word)
}

export function typeOf(purpose: string | undefined): ComponentType {
  return (purposesBack.get(purpose ?? '') as ComponentType | undefined) ?? 'library'
}
