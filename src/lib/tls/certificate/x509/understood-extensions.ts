/** Whether everything that a certificate says about itself is understood (RFC 5280 section 4.2). */
import { AivError } from '../../../core/index.ts'
import type { Certificate } from './certificate.ts'
import {
  allowsKeyUsage,
  allowsServerAuth,
  authorityKeyId,
  basicConstraints,
  EXTENSION,
  subjectAltNames,
  subjectKeyId,
} from './extensions.ts'
import { nameConstraints } from './name-constraints.ts'

/**
 * Policies are: whoever asks for none may ignore them, unless policyConstraints, which is not in the list, demands one.
 */
const UNDERSTOOD: ReadonlySet<string> = new Set(Object.values(EXTENSION))

/**
 * Reads also what later steps may not need, so that a certificate is not believed in part.
 * @throws AivError `E_CERTIFICATE` for a critical extension that this verifier does not understand; `E_MALFORMED`
 */
export function requireUnderstood(certificate: Certificate): void {
  for (const [id, { isCritical }] of certificate.extensions)
    if (isCritical && !UNDERSTOOD.has(id))
      throw new AivError('E_CERTIFICATE', `it has a critical extension that is not understood (${id})`)
  basicConstraints(certificate)
  allowsKeyUsage(certificate, 'digitalSignature')
  allowsServerAuth(certificate)
  subjectAltNames(certificate)
  nameConstraints(certificate)
  subjectKeyId(certificate)
  authorityKeyId(certificate)
}
