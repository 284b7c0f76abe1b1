/**
 * Finds a path from a server's certificate to a root (RFC 4158). The server sends its certificates in any order, too many
 * or too few, and an authority may have been vouched for by several others.
 */
import { equal } from '../../../core/index.ts'
import type { TrustRoots } from '../roots/trust-roots.ts'
import type { Certificate } from '../x509/certificate.ts'
import { displayName } from '../x509/distinguished-name.ts'
import { authorityKeyId, subjectKeyId } from '../x509/extensions.ts'
import { type ComparisonBudget, isWithinConstraints } from '../x509/name-constraints.ts'
import { CertificateError, reading } from './certificate-error.ts'
import { COMPARISONS_MOST, PATH_CERTIFICATES_MOST, SIGNATURE_CHECKS_MOST } from './constants.ts'
import {
  authorityName,
  isSameAuthority,
  isSelfIssued,
  requireAuthority,
  requirePathLength,
  requireSignature,
} from './issuer-checks.ts'

export interface PathOptions {
  readonly leaf: Certificate
  readonly intermediates: readonly Certificate[]
  readonly roots: TrustRoots
  readonly nowMs: number
}

/**
 * @returns from the server's certificate to the root
 * @throws CertificateError with the reason why the path that came furthest was refused
 */
export function buildPath(options: PathOptions): readonly Certificate[] {
  return new PathSearch(options).find()
}

class PathSearch {
  readonly #options: PathOptions
  readonly #budget: ComparisonBudget = { comparisonsLeft: COMPARISONS_MOST }
  readonly #answers = new Map<Certificate, boolean>()
  #checksLeft = SIGNATURE_CHECKS_MOST
  /** Why the first authority that was found was refused. */
  #refusal: CertificateError | undefined
  /** The longest path at whose end nobody was found. */
  #deadEnd: readonly Certificate[] = []

  constructor(options: PathOptions) {
    this.#options = options
  }

  find(): readonly Certificate[] {
    const { leaf, roots } = this.#options
    // What is trusted itself needs nobody to vouch for it.
    if (roots.withSubject(leaf.subjectKey).some(({ der }) => equal(der, leaf.der))) return [leaf]
    const path = this.#extend([leaf])
    if (path !== undefined) return path
    throw this.#refusal ?? unknownIssuer(this.#deadEnd.at(-1) ?? leaf, this.#deadEnd.length < 2)
  }

  /** Depth first: a path that a root ends, or undefined. */
  #extend(path: readonly Certificate[]): readonly Certificate[] | undefined {
    const last = path.at(-1) as Certificate
    if (path.length === PATH_CERTIFICATES_MOST) {
      this.#refusal ??= new CertificateError(
        'unknown_ca',
        `no root is among the ${PATH_CERTIFICATES_MOST - 1} authorities above the server`,
      )
      return undefined
    }
    for (const root of this.#options.roots.withSubject(last.issuerKey))
      if (this.#vouches(root, path) && this.#isWithinConstraints([...path, root])) return [...path, root]
    for (const authority of this.#candidates(last)) {
      if (path.some((one) => isSameAuthority(one, authority)) || !this.#vouches(authority, path)) continue
      const found = this.#extend([...path, authority])
      if (found !== undefined) return found
    }
    if (path.length > this.#deadEnd.length) this.#deadEnd = path
    return undefined
  }

  #vouches(authority: Certificate, path: readonly Certificate[]): boolean {
    const last = path.at(-1) as Certificate
    if (!this.#isAuthority(authority)) return false
    return this.#holds(() => {
      requirePathLength(authority, path)
      if (this.#checksLeft === 0) throw new SearchTooLong()
      this.#checksLeft--
      requireSignature(last, authority)
    })
  }

  /** Answered once for each, however many paths lead there. */
  #isAuthority(certificate: Certificate): boolean {
    const known = this.#answers.get(certificate)
    if (known !== undefined) return known
    const answer = this.#holds(() => requireAuthority(certificate, this.#options.nowMs))
    this.#answers.set(certificate, answer)
    return answer
  }

  /** Constraints of each authority bind all below it, apart from those that it made for its own next key. */
  #isWithinConstraints(path: readonly Certificate[]): boolean {
    return this.#holds(() => {
      path.forEach((authority, i) => {
        const below = path.slice(0, i).filter((one, j) => j === 0 || !isSelfIssued(one))
        const who = authorityName(authority)
        if (!reading(who, () => below.every((one) => isWithinConstraints(authority, one, this.#budget))))
          throw new CertificateError('bad_certificate', `${who} may not vouch for these names`)
      })
    })
  }

  /** Another path may hold where this one does not. */
  #holds(check: () => void): boolean {
    try {
      check()
      return true
    } catch (error) {
      if (error instanceof SearchTooLong || !(error instanceof CertificateError)) throw error
      this.#refusal ??= error
      return false
    }
  }

  /** Those first that most likely lead to a root. */
  #candidates(last: Certificate): readonly Certificate[] {
    const { intermediates, nowMs } = this.#options
    const wanted = hint(() => authorityKeyId(last))
    const rank = (one: Certificate): number =>
      (one.notBeforeMs <= nowMs && nowMs <= one.notAfterMs ? 2 : 0) +
      (wanted !== undefined && hint(() => subjectKeyId(one)) === wanted ? 1 : 0)
    return intermediates
      .filter(({ subjectKey }) => subjectKey === last.issuerKey)
      .map((one) => ({ one, rank: rank(one) }))
      .sort((a, b) => b.rank - a.rank)
      .map(({ one }) => one)
  }
}

class SearchTooLong extends CertificateError {
  constructor() {
    super('certificate_unknown', 'the certificates of the server make too many paths to check')
  }
}

/** Key identifiers order what is tried and decide nothing, so one that cannot be read is as good as none. */
function hint(read: () => string | undefined): string | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function unknownIssuer(certificate: Certificate, isLeaf: boolean): CertificateError {
  const who = isLeaf ? "the server's certificate" : authorityName(certificate)
  const why = isSelfIssued(certificate)
    ? 'vouches for itself and is not trusted here'
    : `is signed by ${JSON.stringify(displayName(certificate.issuer))}, who is not trusted here and whose certificate was not sent`
  return new CertificateError('unknown_ca', `${who} ${why}`, {
    hint: 'name the file of a root that you trust, or the pin of the key of the server',
  })
}
