/** What must hold for one certificate to vouch for another (RFC 5280 section 6.1.4). */
import { equal } from '../../../core/index.ts'
import { verifySignature } from '../../../crypto/index.ts'
import type { Certificate } from '../x509/certificate.ts'
import { displayName } from '../x509/distinguished-name.ts'
import { allowsKeyUsage, allowsServerAuth, basicConstraints } from '../x509/extensions.ts'
import { signatureAlgorithm } from '../x509/signature-algorithms.ts'
import { requireUnderstood } from '../x509/understood-extensions.ts'
import { CertificateError, reading } from './certificate-error.ts'

export function authorityName({ subject }: Certificate): string {
  return `the authority ${JSON.stringify(displayName(subject))}`
}

/** @throws CertificateError when it may vouch for no server at all now */
export function requireAuthority(authority: Certificate, nowMs: number): void {
  const who = authorityName(authority)
  reading(who, () => {
    requireUnderstood(authority)
    if (!basicConstraints(authority).isAuthority)
      throw new CertificateError('unknown_ca', `${who} is none: its certificate is not for one`)
    if (!allowsKeyUsage(authority, 'keyCertSign'))
      throw new CertificateError('unknown_ca', `${who} may not sign certificates`)
    if (!allowsServerAuth(authority))
      throw new CertificateError('unsupported_certificate', `${who} may not vouch for servers`)
  })
  requireValidNow(authority, who, nowMs)
}

/**
 * @param below the path from the server's certificate to the one that `authority` would vouch for
 * @throws CertificateError when there are more authorities in it than its certificate allows
 */
export function requirePathLength(authority: Certificate, below: readonly Certificate[]): void {
  const { pathLength = Number.POSITIVE_INFINITY } = basicConstraints(authority)
  // An authority that changes its key signs for itself, which does not count.
  if (below.slice(1).filter((one) => !isSelfIssued(one)).length > pathLength)
    throw new CertificateError('unknown_ca', `${authorityName(authority)} may not vouch for so long a chain`)
}

/** @throws CertificateError outside of the time for which it was made */
export function requireValidNow(certificate: Certificate, who: string, nowMs: number): void {
  const { notBeforeMs, notAfterMs } = certificate
  if (nowMs < notBeforeMs)
    throw new CertificateError('certificate_expired', `${who} is not valid before ${day(notBeforeMs)}`, {
      hint: `this machine's clock says ${day(nowMs)}`,
    })
  // The last second counts whole (RFC 5280 section 4.1.2.5).
  if (nowMs >= notAfterMs + 1000)
    throw new CertificateError('certificate_expired', `${who} expired on ${day(notAfterMs)}`, {
      hint: `this machine's clock says ${day(nowMs)}`,
    })
}

/** @throws CertificateError unless `authority` signed it, in a way that nobody else could */
export function requireSignature(certificate: Certificate, authority: Certificate): void {
  const algorithm = reading(`what ${authorityName(authority)} signed`, () =>
    signatureAlgorithm(certificate.signatureAlgorithm),
  )
  const key = reading(authorityName(authority), () => authority.publicKey())
  if (!verifySignature(key, algorithm, certificate.signed, certificate.signature))
    throw new CertificateError('bad_certificate', `${authorityName(authority)} did not make the signature`)
}

export function isSelfIssued({ issuerKey, subjectKey }: Certificate): boolean {
  return issuerKey === subjectKey
}

/** The same authority with the same key, whoever vouches for it. */
export function isSameAuthority(a: Certificate, b: Certificate): boolean {
  return a.subjectKey === b.subjectKey && equal(a.spki, b.spki)
}

function day(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, '')
}
