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
 * How the AlgorithmIdentifiers begin that are taken (RFC 3279, 4055, 5480, 8410, 9881). OpenSSL is given no others: a curve
 * that is described instead of named could have a generator that makes other keys fit (CVE-2020-0601), or numbers that
 * its arithmetic never finishes with (CVE-2022-0778).
 */
const ALGORITHMS: readonly (readonly [start: RegExp, kind: KeyKind])[] = [
  [/^300d06092a864886f70d0101010500/, 'rsa'],
  [/^30..06092a864886f70d01010a/, 'rsa-pss'],
  [/^301306072a8648ce3d020106082a8648ce3d030107/, 'p256'],
  [/^301006072a8648ce3d020106052b81040022/, 'p384'],
  [/^301006072a8648ce3d020106052b81040023/, 'p521'],
  [/^300506032b6570/, 'ed25519'],
  [/^300b0609608648016503040311/, 'ml-dsa-44'],
  [/^300b0609608648016503040312/, 'ml-dsa-65'],
  [/^300b0609608648016503040313/, 'ml-dsa-87'],
]
/** The header of the SPKI, and what follows. */
const HEADER = /^30(?:[0-7].|81..|82....)(30.*)$/
/** Longer than the header and any start of an algorithm. */
const START_BYTES = 32

/** Longer than ML-DSA-87 (2,614 bytes) and any RSA key that is taken. */
const SPKI_MOST_BYTES = 4_096

/**
 * @param spki SubjectPublicKeyInfo, DER
 * @throws AivError `E_MALFORMED` when it is none; `E_CRYPTO` for a kind, curve or size that is not taken;
 * `E_UNSUPPORTED` for one that another Node.js would take
 */
export function importVerifyingKey(spki: Uint8Array): VerifyingKey {
  if (spki.length > SPKI_MOST_BYTES) throw new AivError('E_CRYPTO', `a public key of ${spki.length} bytes`)
  const kind = kindOf(spki)
  const object = keyObject(spki, kind)
  if (kind.startsWith('rsa')) requireUsualRsa(object.asymmetricKeyDetails ?? {})
  return { kind, spki, object }
}

function kindOf(spki: Uint8Array): KeyKind {
  const [, algorithm] = HEADER.exec(toHex(spki.subarray(0, START_BYTES))) ?? []
  if (algorithm === undefined) throw new AivError('E_MALFORMED', 'the public key cannot be read')
  const [, kind] = ALGORITHMS.find(([start]) => start.test(algorithm)) ?? []
  if (kind === undefined)
    throw new AivError('E_CRYPTO', 'a public key of this kind, or on this curve, is not taken')
  return kind
}

function keyObject(spki: Uint8Array, kind: KeyKind): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
  } catch (cause) {
    if (kind.startsWith('ml-dsa') && !knowsMlDsa())
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
