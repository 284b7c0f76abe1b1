/** Certificates that are trusted because somebody here said so. */
import { type Certificate, parseCertificate } from '../x509/certificate.ts'

export interface TrustRoots {
  readonly size: number
  /** Roots whose subject has this key, see `Certificate.subjectKey`. */
  withSubject(subjectKey: string): readonly Certificate[]
}

/** An index by subject; doubles are held once. */
export function indexRoots(certificates: Iterable<Certificate>): TrustRoots {
  const bySubject = new Map<string, Certificate[]>()
  const seen = new Set<string>()
  for (const certificate of certificates) {
    const identity = Buffer.from(certificate.der).toString('latin1')
    if (seen.has(identity)) continue
    seen.add(identity)
    const same = bySubject.get(certificate.subjectKey)
    if (same === undefined) bySubject.set(certificate.subjectKey, [certificate])
    else same.push(certificate)
  }
  return { size: seen.size, withSubject: (key) => bySubject.get(key) ?? [] }
}

/** What any of them trusts. */
export function joinRoots(...all: readonly TrustRoots[]): TrustRoots {
  return {
    size: all.reduce((sum, { size }) => sum + size, 0),
    withSubject: (key) => all.flatMap((roots) => roots.withSubject(key)),
  }
}

/** @throws AivError `E_MALFORMED` */
export function rootsOf(ders: readonly Uint8Array[]): TrustRoots {
  return indexRoots(ders.map(parseCertificate))
}
