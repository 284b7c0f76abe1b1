/**
 * Public keys of certificates: SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7) with the kinds of keys that TLS 1.3 knows.
 * What is too weak, or slow on purpose, is refused here, so that no caller can forget it.
 */
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { AivError, toHex } from '../../core/index.ts'

/** `rsa` is rsaEncryption and `rsa-pss` is id-RSASSA-PSS (RFC 8017): TLS tells them apart. */
export type KeyKind =
  | 'rsa'
  | 'rsa-pss'
  | 'p256'
  | 'p384'
  | 'p521'
  | 'ed25519'
  | 'ml-dsa-44'
  | 'ml-dsa-65'
  | 'ml-dsa-87'

export interface VerifyingKey {
  readonly kind: KeyKind
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array
  readonly object: KeyObject
}

const RSA_LEAST_BITS = 2048
/** A larger modulus costs the client more than any certificate authority asks for. */
const RSA_MOST_BITS = 8192
/** As BoringSSL: a longer exponent would let a server choose how long one check takes. */
const RSA_EXPONENT_MOST = 2n ** 33n

/**
 * AlgorithmIdentifiers of EC keys with a curve that is named (RFC 5480 section 2.1.1). A curve that is described instead
 * could have a generator that makes other keys fit (CVE-2020-0601).
 */
const CURVES: readonly (readonly [identifier: RegExp, kind: KeyKind])[] = [
  [/^30(?:..|81..)301306072a8648ce3d020106082a8648ce3d030107/, 'p256'],
  [/^30(?:..|81..)301006072a8648ce3d020106052b81040022/, 'p384'],
  [/^30(?:..|81..)301006072a8648ce3d020106052b81040023/, 'p521'],
]

/** Kinds that Node.js calls by the same name. */
const KINDS: ReadonlySet<string> = new Set<KeyKind>([
  'rsa',
  'rsa-pss',
  'ed25519',
  'ml-dsa-44',
  'ml-dsa-65',
  'ml-dsa-87',
])
/** Longer than ML-DSA-87 (2,614 bytes) and any RSA key that is taken. */
const SPKI_MOST_BYTES = 4_096

/** AlgorithmIdentifiers without parameters, with which an SPKI of ML-DSA begins (RFC 9881): 2.16.840.1.101.3.4.3.17 to 19. */
const ML_DSA_OID = /^3082....300b06096086480165030403(?:11|12|13)/

/**
 * @param spki SubjectPublicKeyInfo, DER
 * @throws AivError `E_MALFORMED` when it is none; `E_CRYPTO` for a kind, curve or size that is not taken;
 * `E_UNSUPPORTED` for one that another Node.js would take
 */
export function importVerifyingKey(spki: Uint8Array): VerifyingKey {
  if (spki.length > SPKI_MOST_BYTES) throw new AivError('E_CRYPTO', `a public key of ${spki.length} bytes`)
  const object = keyObject(spki)
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details = {} } = object
  const kind = type === 'ec' ? namedCurve(spki) : KINDS.has(type) ? (type as KeyKind) : undefined
  if (type.startsWith('rsa')) requireUsualRsa(details)
  if (kind !== undefined) return { kind, spki, object }
  const what = type === 'ec' ? 'on another curve than P-256, P-384 and P-521' : `of the kind ${type}`
  throw new AivError('E_CRYPTO', `a public key ${what} is not taken`)
}

function namedCurve(spki: Uint8Array): KeyKind | undefined {
  const start = toHex(spki.subarray(0, 32))
  return CURVES.find(([identifier]) => identifier.test(start))?.[1]
}

function keyObject(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch (cause) {
    if (ML_DSA_OID.test(toHex(spki.subarray(0, 18))) && !knowsMlDsa())
      throw new AivError('E_UNSUPPORTED', 'the public key is for ML-DSA, which this Node.js does not know', {
        hint: 'run it with Node.js 24.6 or newer',
        cause,
      })
    throw new AivError('E_MALFORMED', 'the public key cannot be read', { cause })
  }
}

function knowsMlDsa(): boolean {
  try {
    generateKeyPairSync('ml-dsa-44')
    return true
  } catch {
    return false
  }
}

function requireUsualRsa({ modulusLength = 0, publicExponent = 0n }: KeyDetails): void {
  if (modulusLength < RSA_LEAST_BITS || modulusLength > RSA_MOST_BITS)
    throw new AivError(
      'E_CRYPTO',
      `an RSA key of ${modulusLength} bits is not taken, only ${RSA_LEAST_BITS} to ${RSA_MOST_BITS}`,
    )
  if (publicExponent < 3n || publicExponent % 2n === 0n || publicExponent >= RSA_EXPONENT_MOST)
    throw new AivError('E_CRYPTO', 'the public exponent of an RSA key is out of range')
}

type KeyDetails = NonNullable<KeyObject['asymmetricKeyDetails']>
