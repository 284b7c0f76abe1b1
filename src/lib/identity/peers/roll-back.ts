/** The roll-back rule of htx 2.3: what a verified certificate is to somebody who has met the peer before. */
import { equal } from '../../core/index.ts'
import { CertificateError, type VerifiedCertificate } from '../certificate.ts'

/** `rotated` is a newer certificate with another Noise key: resumption tickets of the old one are void. */
export type RecordOutcome = 'new' | 'same' | 'newer' | 'rotated'

/** What is remembered of a peer's last certificate. */
export interface CertificateRecord {
  /** X25519 static key. */
  readonly x: Uint8Array
  readonly certHash: Uint8Array
  /** Unix seconds. */
  readonly notBefore: number
}

/**
 * Compares a certificate with the record.
 * @throws CertificateError `rolled back` when it is older, or as old with another content
 */
export function judgeCertificate(
  record: CertificateRecord | undefined,
  certificate: VerifiedCertificate,
): RecordOutcome {
  if (record === undefined) return 'new'
  if (certificate.notBefore > record.notBefore)
    return equal(certificate.noisePublic, record.x) ? 'newer' : 'rotated'
  if (certificate.notBefore === record.notBefore && equal(certificate.hash, record.certHash)) return 'same'
  throw new CertificateError(
    'rolled back',
    `${certificate.peer} has shown a newer identity certificate before`,
    'Somebody may be using a key that this peer has replaced.',
  )
}
