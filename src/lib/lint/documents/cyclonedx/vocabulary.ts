/** Words of CycloneDX for what a bill of materials holds, both ways. */
import { COMPONENT_TYPES, type ComponentType, type HashAlgorithm, type Scope } from '../../bom/index.ts'

/** CycloneDX has no SHA-224. */
const ALGORITHMS: ReadonlyMap<HashAlgorithm, string> = new Map([
  ['md5', 'MD5'],
  ['sha1', 'SHA-1'],
  ['sha256', 'SHA-256'],
  ['sha384', 'SHA-384'],
  ['sha512', 'SHA-512'],
  ['sha3-256', 'SHA3-256'],
  ['sha3-384', 'SHA3-384'],
  ['sha3-512', 'SHA3-512'],
  ['blake2b-256', 'BLAKE2b-256'],
  ['blake2b-384', 'BLAKE2b-384'],
  ['blake2b-512', 'BLAKE2b-512'],
  ['blake3', 'BLAKE3'],
])
const algorithmsBack = new Map([...ALGORITHMS].map(([ours, theirs]) => [theirs, ours]))

/** What runs nowhere in the product is excluded from it (CycloneDX 1.6, component scope). */
const SCOPES: Readonly<Record<Scope, string>> = {
  required: 'required',
  optional: 'optional',
  dev: 'excluded',
}
const scopesBack = new Map(Object.entries(SCOPES).map(([ours, theirs]) => [theirs, ours as Scope]))

/** Types of components that have no counterpart here. */
const OTHER_TYPES: readonly string[] = ['device-driver', 'machine-learning-model', 'cryptographic-asset']

export function cycloneDxAlgorithm(algorithm: HashAlgorithm): string | undefined {
  return ALGORITHMS.get(algorithm)
}

export function algorithmOf(word: string): HashAlgorithm | undefined {
  return algorithmsBack.get(word)
}

export function cycloneDxScope(scope: Scope): string {
  return SCOPES[scope]
}

export function scopeOf(word: string | undefined): Scope | undefined {
  return scopesBack.get(word ?? '')
}

export function typeOf(word: string | undefined): ComponentType | undefined {
  return COMPONENT_TYPES.find((type) => type === word)
}

export function isType(word: string): boolean {
  return typeOf(word) !== undefined || OTHER_TYPES.includes(word)
}
