/** Signatures of certificates and of TLS handshakes over whole contents. */
import { constants, verify } from 'node:crypto'
import { ED25519_BYTES } from '../constants.ts'
import { ed25519 } from '../node/ed25519.ts'
import type { KeyKind, VerifyingKey } from './verifying-key.ts'

export type SignatureHash = 'sha256' | 'sha384' | 'sha512'

/** How a signature was made. ECDSA is encoded as ECDSA-Sig-Value (RFC 3279); the salt of PSS is as long as its hash. */
export type SignatureAlgorithm =
  | { readonly family: 'rsa-pkcs1' | 'rsa-pss' | 'ecdsa'; readonly hash: SignatureHash }
  | { readonly family: 'ed25519' }
  | { readonly family: 'ml-dsa'; readonly kind: KeyKind }

const EC_KINDS: readonly KeyKind[] = ['p256', 'p384', 'p521']

/** False also for an algorithm that does not fit the key, and for a signature that cannot be read. */
export function verifySignature(
  key: VerifyingKey,
  algorithm: SignatureAlgorithm,
  content: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!fits(algorithm, key)) return false
  // The raw key ends its SPKI (RFC 8410 section 4).
  if (algorithm.family === 'ed25519')
    return ed25519.verify(key.spki.subarray(-ED25519_BYTES), content, signature)
  // OpenSSL takes one whose leading zeros are missing; RFC 8017 (section 8.1.2) does not, nor does BoringSSL.
  if (algorithm.family.startsWith('rsa') && signature.length !== modulusBytes(key)) return false
  const hash = 'hash' in algorithm ? algorithm.hash : null
  const padding =
    algorithm.family === 'rsa-pss'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
      : algorithm.family === 'rsa-pkcs1'
        ? { padding: constants.RSA_PKCS1_PADDING }
        : {}
  try {
    return verify(hash, content, { key: key.object, dsaEncoding: 'der', ...padding }, signature)
  } catch {
    // OpenSSL reports some signatures as errors: of a wrong length, or not within the parameters of an RSASSA-PSS key.
    return false
  }
}

function modulusBytes({ object }: VerifyingKey): number {
  return Math.ceil((object.asymmetricKeyDetails?.modulusLength ?? 0) / 8)
}

/** True when a key of this kind can have made a signature of this algorithm. */
function fits(algorithm: SignatureAlgorithm, { kind }: VerifyingKey): boolean {
  switch (algorithm.family) {
    case 'rsa-pkcs1':
      return kind === 'rsa'
    case 'rsa-pss':
      return kind === 'rsa' || kind === 'rsa-pss'
    case 'ecdsa':
      return EC_KINDS.includes(kind)
    case 'ed25519':
      return kind === 'ed25519'
    case 'ml-dsa':
      return kind === algorithm.kind
  }
}
