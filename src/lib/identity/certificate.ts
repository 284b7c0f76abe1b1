/**
 * The identity certificate (htx 2.3): 145 bytes by which the Ed25519 key that names a peer vouches for the X25519
 * key that it speaks with.
 *
 *   version u8 ‖ ed25519 public 32 ‖ x25519 public 32 ‖ not_before u64 ‖ not_after u64 ‖ signature 64
 */
import {
  AivError,
  type Clock,
  concat,
  equal,
  isAivError,
  readU64,
  toHex,
  u64,
  unixSeconds,
  utf8,
} from '../core/index.ts'
import { type Ed25519KeyPair, ed25519, sha256 } from '../crypto/index.ts'
import {
  CERTIFICATE_BYTES,
  CERTIFICATE_CACHE_ENTRIES,
  CERTIFICATE_VERSION,
  CLOCK_SKEW,
  MAX_CERTIFICATE_LIFETIME,
} from './constants.ts'
import { peerIdOf } from './peer-id.ts'

/** Bytes that the signature covers, after the label. */
const SIGNED_BYTES = 81
const LABEL = concat(utf8('htx identity v1'), Uint8Array.of(0))

export interface Certificate {
  /** The 145 bytes. */
  readonly bytes: Uint8Array
  readonly signPublic: Uint8Array
  readonly noisePublic: Uint8Array
  /** Unix seconds. */
  readonly notBefore: number
  readonly notAfter: number
}

/** A certificate that was accepted. */
export interface VerifiedCertificate extends Certificate {
  /** Peer id. */
  readonly peer: string
  /** SHA-256 of the 145 bytes: the roll-back record's hash. */
  readonly hash: Uint8Array
}

export type CertificateReason =
  | 'length'
  | 'version'
  | 'static key'
  | 'peer'
  | 'not yet valid'
  | 'expired'
  | 'lifetime'
  | 'signature'
  | 'rolled back'

/** Why a certificate was refused. */
export class CertificateError extends AivError {
  readonly reason: CertificateReason

  constructor(reason: CertificateReason, message: string, hint?: string) {
    super('E_CERTIFICATE', message, hint === undefined ? {} : { hint })
    this.name = 'CertificateError'
    this.reason = reason
  }
}

export interface CertificateFields {
  readonly noisePublic: Uint8Array
  readonly notBefore: number
  readonly notAfter: number
}

/** Issues a certificate of the key pair's owner. */
export function issueCertificate(signer: Ed25519KeyPair, fields: CertificateFields): Uint8Array {
  const body = concat(
    Uint8Array.of(CERTIFICATE_VERSION),
    signer.publicKey,
    fields.noisePublic,
    u64(fields.notBefore),
    u64(fields.notAfter),
  )
  return concat(body, signer.sign(concat(LABEL, body)))
}

/**
 * Reads the fields. Nothing is verified but length, version and that the times are ones that could be accepted.
 * @throws CertificateError
 */
export function parseCertificate(bytes: Uint8Array): Certificate {
  if (bytes.length !== CERTIFICATE_BYTES)
    throw new CertificateError('length', `an identity certificate has ${CERTIFICATE_BYTES} bytes`)
  if (bytes[0] !== CERTIFICATE_VERSION)
    throw new CertificateError('version', `identity certificate of unknown version ${bytes[0]}`)
  return {
    bytes,
    signPublic: bytes.subarray(1, 33),
    noisePublic: bytes.subarray(33, 65),
    notBefore: parseTime(bytes, 65, 'not yet valid'),
    notAfter: parseTime(bytes, 73, 'lifetime'),
  }
}

/** Times above 2^53 are refused whatever the clock says: their start is ahead, or their lifetime too long. */
function parseTime(bytes: Uint8Array, at: number, reason: CertificateReason): number {
  const seconds = readU64(bytes, at)
  if (seconds > BigInt(Number.MAX_SAFE_INTEGER))
    throw new CertificateError(reason, 'the times of the identity certificate are out of range')
  return Number(seconds)
}

export interface VerifyCertificateOptions {
  /** Noise static key of the side that showed the certificate. */
  readonly staticKey: Uint8Array
  /** Peer id that is expected; a server expects none and reads it from the result. */
  readonly peer?: string
  readonly clock: Clock
  /** Default: one for the process. */
  readonly cache?: CertificateCache
}

/**
 * Accepts or refuses a certificate by every rule of htx 2.3 but the roll-back rule, which needs the known peers.
 * @throws CertificateError `E_CERTIFICATE`
 */
export function verifyCertificate(bytes: Uint8Array, options: VerifyCertificateOptions): VerifiedCertificate {
  const certificate = parseCertificate(bytes)
  if (!equal(certificate.noisePublic, options.staticKey))
    throw new CertificateError('static key', 'the identity certificate is for another Noise key')
  const peer = peerIdOf(certificate.signPublic)
  if (options.peer !== undefined && options.peer !== peer)
    throw new CertificateError('peer', `the identity certificate is of ${peer}, not of ${options.peer}`)
  checkTimes(certificate, unixSeconds(options.clock))
  const hash = sha256(bytes)
  const cache = options.cache ?? processCache
  const id = toHex(hash)
  if (!cache.has(id)) {
    if (!hasValidSignature(certificate))
      throw new CertificateError('signature', 'the signature of the identity certificate is not valid')
    cache.add(id)
  }
  return { ...certificate, peer, hash }
}

function checkTimes({ notBefore, notAfter }: Certificate, now: number): void {
  const hint = 'Check the clocks of both sides.'
  if (notBefore - CLOCK_SKEW > now)
    throw new CertificateError('not yet valid', 'the identity certificate is not valid yet', hint)
  if (now > notAfter + CLOCK_SKEW)
    throw new CertificateError('expired', 'the identity certificate has expired', hint)
  if (notAfter - notBefore > MAX_CERTIFICATE_LIFETIME)
    throw new CertificateError('lifetime', 'the identity certificate is valid for more than 366 days')
}

function hasValidSignature({ bytes, signPublic }: Certificate): boolean {
  const message = concat(LABEL, bytes.subarray(0, SIGNED_BYTES))
  return ed25519.verify(signPublic, message, bytes.subarray(SIGNED_BYTES))
}

/** Keys that a certificate of our own must be for. */
export interface CertificateOwner {
  readonly signPublic: Uint8Array
  readonly noisePublic: Uint8Array
  /** Highest `not_before` ever issued, unix seconds. */
  readonly lastNotBefore: number
}

/** Whether stored bytes are a certificate that this owner issued, valid at present or not. */
export function isCertificateOf(bytes: Uint8Array, owner: CertificateOwner): boolean {
  try {
    const certificate = parseCertificate(bytes)
    return (
      equal(certificate.signPublic, owner.signPublic) &&
      equal(certificate.noisePublic, owner.noisePublic) &&
      certificate.notBefore <= owner.lastNotBefore &&
      hasValidSignature(certificate)
    )
  } catch (error) {
    if (isAivError(error, 'E_CERTIFICATE')) return false
    throw error
  }
}

/**
 * Remembers which certificates had a good signature, least recently used out first. Refusals are not kept, so that
 * garbage cannot push the good ones out; times, keys and roll-back are judged anew each time.
 */
export class CertificateCache {
  readonly #limit: number
  readonly #good = new Set<string>()

  /** @param limit most entries */
  constructor(limit: number = CERTIFICATE_CACHE_ENTRIES) {
    this.#limit = limit
  }

  get size(): number {
    return this.#good.size
  }

  /** @param id hex of SHA-256 over the certificate */
  has(id: string): boolean {
    if (!this.#good.delete(id)) return false
    this.#good.add(id)
    return true
  }

  add(id: string): void {
    this.#good.add(id)
    if (this.#good.size <= this.#limit) return
    const [oldest] = this.#good
    if (oldest !== undefined) this.#good.delete(oldest)
  }
}

/** Shared, because what it holds is a pure function of the certificate: it can save time, never change an answer. */
const processCache = new CertificateCache()
