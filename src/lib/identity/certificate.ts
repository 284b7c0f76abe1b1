/**
 * The identity certificate (HTX specification, section 2.3): 145 bytes by which the Ed25519 key that names a peer
 * vouches for the X25519 key that speaks for it.
 */
import { AivError, type Clock, concat, equal, readU64, toHex, u64, unixSeconds, utf8 } from '../core/index.ts'
import { type Ed25519KeyPair, ed25519, sha256 } from '../crypto/index.ts'
import { peerIdOf } from './peer-id.ts'

export const CERTIFICATE_BYTES = 145
/** Largest validity, seconds: 366 days. */
export const VALIDITY_MOST_S = 366 * 86_400
/** Clocks may differ this much, seconds. */
export const CLOCK_TOLERANCE_S = 300

const VERSION = 1
const SIGN_AT = 1
const NOISE_AT = 33
const NOT_BEFORE_AT = 65
const NOT_AFTER_AT = 73
const SIGNATURE_AT = 81
const CONTEXT = concat(utf8('htx identity v1'), Uint8Array.of(0))

/** Signatures that verified, by SHA-256(certificate): saves an Ed25519 verification a session. */
const VERIFIED_MOST = 4096

export interface VerifiedCertificate {
  readonly bytes: Uint8Array
  /** SHA-256 of the 145 bytes. */
  readonly hash: Uint8Array
  readonly peer: string
  readonly signPublic: Uint8Array
  readonly noisePublic: Uint8Array
  /** Unix seconds. */
  readonly notBefore: bigint
  readonly notAfter: bigint
}

/**
 * @param noisePublic 32 bytes
 * @param notBefore unix seconds; strictly above that of the certificate before
 */
export function issueCertificate(
  signing: Ed25519KeyPair,
  noisePublic: Uint8Array,
  notBefore: bigint,
  notAfter: bigint,
): Uint8Array {
  const body = concat(Uint8Array.of(VERSION), signing.publicKey, noisePublic, u64(notBefore), u64(notAfter))
  return concat(body, signing.sign(concat(CONTEXT, body)))
}

export interface CertificateExpectation {
  /** The static key that Noise proved, 32 bytes. */
  readonly staticKey: Uint8Array
  readonly clock: Clock
}

/**
 * Accepts a certificate by every rule but the roll-back record.
 * @throws AivError `E_CERTIFICATE` with the reason
 */
export function verifyCertificate(bytes: Uint8Array, expected: CertificateExpectation): VerifiedCertificate {
  const certificate = parseCertificate(bytes)
  const { notBefore, notAfter } = certificate
  if (!equal(certificate.noisePublic, expected.staticKey)) throw refuse('is for another key')
  const now = BigInt(unixSeconds(expected.clock))
  const tolerance = BigInt(CLOCK_TOLERANCE_S)
  if (now < notBefore - tolerance) throw refuse('is not valid yet')
  if (now > notAfter + tolerance) throw refuse('has expired')
  if (notAfter - notBefore > BigInt(VALIDITY_MOST_S)) throw refuse('is valid for more than 366 days')
  if (!signatureHolds(certificate)) throw refuse('has a bad signature')
  return certificate
}

/** Field by field, without judging validity. @throws AivError `E_CERTIFICATE` */
export function parseCertificate(bytes: Uint8Array): VerifiedCertificate {
  if (bytes.length !== CERTIFICATE_BYTES) throw refuse(`has ${bytes.length} bytes, not ${CERTIFICATE_BYTES}`)
  if (bytes[0] !== VERSION) throw refuse(`has version ${bytes[0]}`)
  const signPublic = bytes.slice(SIGN_AT, NOISE_AT)
  return {
    bytes: bytes.slice(),
    hash: sha256(bytes),
    peer: peerIdOf(signPublic),
    signPublic,
    noisePublic: bytes.slice(NOISE_AT, NOT_BEFORE_AT),
    notBefore: readU64(bytes, NOT_BEFORE_AT),
    notAfter: readU64(bytes, NOT_AFTER_AT),
  }
}

const verified = new Set<string>()

function signatureHolds({ bytes, hash, signPublic }: VerifiedCertificate): boolean {
  const key = toHex(hash)
  if (verified.delete(key)) {
    // Back in at the end: the least recently used one is the first to go.
    verified.add(key)
    return true
  }
  const message = concat(CONTEXT, bytes.subarray(0, SIGNATURE_AT))
  if (!ed25519.verify(signPublic, message, bytes.subarray(SIGNATURE_AT))) return false
  if (verified.size >= VERIFIED_MOST) {
    const oldest = verified.values().next()
    if (oldest.done !== true) verified.delete(oldest.value)
  }
  verified.add(key)
  return true
}

function refuse(reason: string): AivError {
  return new AivError('E_CERTIFICATE', `the identity certificate ${reason}`, {
    hint: 'Check both clocks, and ask the peer for its current address.',
  })
}
