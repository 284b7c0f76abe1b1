/** Certificate and key of a server, and what it says with them (RFC 8446 sections 4.3.2, 4.4.2 and 4.4.3). */
import { constants, createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto'
import type { Clock } from '../../../src/lib/core/index.ts'
import { selfSigned } from '../../../src/lib/tls/certificate/self-signed.ts'
import { extension, joined, MESSAGE_TYPE, message, number, vector } from './wire.ts'

export interface ServerIdentity {
  readonly pem: string
  /** DER. */
  readonly certificate: Uint8Array
  readonly key: KeyObject
  /** What it signs with; ECDSA over P-256 when absent. */
  readonly scheme?: Scheme
}

export interface Scheme {
  readonly code: number
  readonly hash: string | null
  /** RSA-PSS; PKCS #1 of an RSA key when absent. */
  readonly isPss?: boolean
}

const ECDSA_P256_SHA256 = 0x0403
const SIGNATURE_ALGORITHMS = 13
const CONTEXT = joined(
  Buffer.from(' '.repeat(64)),
  Buffer.from('TLS 1.3, server CertificateVerify'),
  Uint8Array.of(0),
)

/** ECDSA over P-256, signed by itself. */
export function newIdentity(name: string, clock: Clock, ...others: readonly string[]): ServerIdentity {
  const { cert, key } = selfSigned({ names: [name, ...others], clock })
  const certificate = new Uint8Array(new X509Certificate(cert).raw)
  return { pem: cert, certificate, key: createPrivateKey(key) }
}

/** Of this certificate and key, PEM. */
export function identityOf(pem: string, key: string, scheme: Scheme): ServerIdentity {
  return {
    pem,
    certificate: new Uint8Array(new X509Certificate(pem).raw),
    key: createPrivateKey(key),
    scheme,
  }
}

export function honestRequest(): Uint8Array {
  const schemes = vector(2, number(ECDSA_P256_SHA256, 2))
  return message(
    MESSAGE_TYPE.certificateRequest,
    vector(1),
    vector(2, extension(SIGNATURE_ALGORITHMS, schemes)),
  )
}

export function honestCertificate({ certificate }: ServerIdentity): Uint8Array {
  return certificateMessage(vector(3, certificate), vector(2))
}

/** Entries as they are, behind an empty context. */
export function certificateMessage(...entries: readonly Uint8Array[]): Uint8Array {
  return message(MESSAGE_TYPE.certificate, vector(1), vector(3, ...entries))
}

/** @param transcript hash up to the Certificate */
export function honestVerify({ key, scheme }: ServerIdentity, transcript: Uint8Array): Uint8Array {
  const { code, hash, isPss = false } = scheme ?? { code: ECDSA_P256_SHA256, hash: 'sha256' }
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  const signature = sign(hash, joined(CONTEXT, transcript), isPss ? { key, ...pss } : key)
  return message(MESSAGE_TYPE.certificateVerify, number(code, 2), vector(2, signature))
}
