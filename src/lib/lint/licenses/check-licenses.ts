/** Judges the licenses of an inventory by a policy. */
import { AivError, isAivError } from '../../core/index.ts'
import type { Bom, Component } from '../bom/index.ts'
import { parsePurl } from '../purl/index.ts'
import { canonicalLicense, expressionOf, formatExpression } from './expression.ts'
import { isAccepted, type LicensePolicy, refusedLicenses } from './policy.ts'
import { likelyExpression } from './spelling.ts'

/**
 * `unknown`: no license is given, or what is given is no SPDX expression, so that nothing can be said. `excepted`:
 * would be refused or unknown, but an exception of the policy names the component.
 */
export type LicenseVerdict = 'accepted' | 'refused' | 'unknown' | 'excepted'

export interface JudgedLicense {
  readonly component: Component
  readonly declared?: string | undefined
  readonly concluded?: string | undefined
  /** The concluded license, else the declared one, as {@link canonicalLicense} writes it. */
  readonly license?: string | undefined
  readonly verdict: LicenseVerdict
  /** Why it is not accepted, one sentence without a full stop; of an exception, the reason that it gives. */
  readonly reason?: string | undefined
  /** The SPDX expression that a declared text probably means. For people: it is not judged. */
  readonly likely?: string | undefined
}

/** A component that the policy lets pass, and why. */
export interface LicenseException {
  /** With a version only that one. */
  readonly purl: string
  readonly reason: string
}

export interface LicenseReport {
  /** In the order of the inventory; without the component that it is about and members of its workspace. */
  readonly judged: readonly JudgedLicense[]
  /** Exceptions that no component needed. */
  readonly unused: readonly LicenseException[]
}

/**
 * The concluded license and the declared one have to be accepted, where they are given; one that is no SPDX expression
 * does not matter when the other one is one.
 */
export function checkLicenses(
  bom: Bom,
  policy: LicensePolicy,
  exceptions: readonly LicenseException[] = [],
): LicenseReport {
  const used = new Set<LicenseException>()
  const judged = bom.components
    .filter(({ ref, origin }) => ref !== bom.primary && origin !== 'workspace')
    .map((component): JudgedLicense => {
      const judgement = judge(component, policy)
      if (judgement.verdict === 'accepted') return judgement
      const exception = exceptions.find(({ purl }) => isNamed(component, purl))
      if (exception === undefined) return judgement
      used.add(exception)
      return { ...judgement, verdict: 'excepted', reason: exception.reason }
    })
  return { judged, unused: exceptions.filter((exception) => !used.has(exception)) }
}

/**
 * @param text `PURL REASON`: a package URL, a space, and why it may be used all the same
 * @throws AivError `E_USAGE` without a package URL or without a reason
 */
export function parseException(text: string): LicenseException {
  const border = text.indexOf(' ')
  const reason = border === -1 ? '' : text.slice(border + 1).trim()
  const purl = border === -1 ? text : text.slice(0, border)
  try {
    parsePurl(purl)
  } catch (cause) {
    throw new AivError(
      'E_USAGE',
      `cannot take the exception ${JSON.stringify(text)}: it begins with no package URL`,
      {
        hint: 'Write a package URL, a space and the reason: "pkg:npm/left-pad@1.3.0 our lawyers agreed"',
        cause,
      },
    )
  }
  if (reason !== '') return { purl, reason }
  throw new AivError('E_USAGE', `the exception for ${purl} has no reason`, {
    hint: 'Write the reason after the package URL, so that the next reader knows it',
  })
}

function judge(component: Component, policy: LicensePolicy): JudgedLicense {
  const [declared, concluded] = [component.licenses?.declared, component.licenses?.concluded].map(said)
  const texts = [...new Set([concluded, declared].filter((text) => text !== undefined))]
  const expressions = texts.map(expressionOf).filter((expression) => expression !== undefined)
  const license = texts[0] === undefined ? undefined : canonicalLicense(texts[0])
  const base = { component, declared, concluded, license }
  const likely = declared === undefined ? undefined : likelyExpression(declared)
  if (texts.length === 0) return { ...base, verdict: 'unknown', reason: 'no license is given' }
  if (expressions.length === 0)
    return {
      ...base,
      verdict: 'unknown',
      reason: `${JSON.stringify(texts[0])} is no SPDX expression`,
      likely,
    }
  const refused = expressions.find((expression) => !isAccepted(expression, policy))
  if (refused === undefined) return { ...base, verdict: 'accepted' }
  const names = [...new Set(refusedLicenses(refused, policy).map(formatExpression))]
  return { ...base, verdict: 'refused', reason: `${names.join(' and ')} may not be used` }
}

/** Documents write that nothing is known, and that is no license. */
function said(license: string | undefined): string | undefined {
  return license === undefined || /^\s*(?:NOASSERTION|NONE)?\s*$/i.test(license) ? undefined : license
}

function isNamed({ purl }: Component, wanted: string): boolean {
  if (purl === undefined) return false
  try {
    const [a, b] = [parsePurl(wanted), parsePurl(purl)]
    const sameVersion = a.version === undefined || a.version === b.version
    return a.type === b.type && a.namespace === b.namespace && a.name === b.name && sameVersion
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return false
    throw error
  }
}
