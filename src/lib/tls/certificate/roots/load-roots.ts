/** Roots from a user's file and from the system. */
import { getCACertificates } from 'node:tls'
import { AivError } from '../../../core/index.ts'
import { type Certificate, parseCertificate } from '../x509/certificate.ts'
import { pemCertificates } from './pem.ts'
import { indexRoots, type TrustRoots } from './trust-roots.ts'

/**
 * The roots of a PEM text. An authority that is itself vouched for by another is trusted as it stands here.
 * @throws AivError `E_INPUT`, `E_TOO_LARGE`; one that cannot be read is an error, for it is not what the user meant
 */
export function parseRoots(pem: string): TrustRoots {
  return indexRoots(
    pemCertificates(pem).map((der, i) => {
      try {
        return parseCertificate(der)
      } catch (cause) {
        throw new AivError('E_INPUT', `certificate ${i + 1} of the PEM text cannot be read`, { cause })
      }
    }),
  )
}

let system: TrustRoots | undefined

/**
 * What Node.js reads from the system (on Linux the files that SSL_CERT_FILE and SSL_CERT_DIR name, else those of OpenSSL)
 * and from NODE_EXTRA_CA_CERTS; the roots that Node.js brings along where the system has none. Read once, when first
 * asked for: that takes tens of milliseconds.
 */
export function systemRoots(): TrustRoots {
  system ??= indexRoots(readable(systemPem()))
  return system
}

function systemPem(): readonly string[] {
  const own = getCACertificates('system')
  return [...(own.length > 0 ? own : getCACertificates('bundled')), ...getCACertificates('extra')]
}

/** A system may hold one that is not DER: it is not trusted, and the others are. */
function* readable(texts: readonly string[]): Iterable<Certificate> {
  for (const text of new Set(texts)) {
    try {
      yield* pemCertificates(text).map(parseCertificate)
    } catch {}
  }
}
