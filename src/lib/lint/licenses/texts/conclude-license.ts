/**
 * What follows from the license texts that were found, in the light of what the maker declares. Texts decide: nothing
 * is concluded that no text was found for, and a text that was found is never left out.
 */
import { expressionOf, type LicenseExpression, type SimpleLicense, simpleLicenses } from '../expression.ts'
import type { LicenseMatch } from './match-license-text.ts'

interface Reading {
  /** The part of the declared expression that texts were found for; undefined where they do not suffice. */
  readonly proven: string | undefined
  readonly isChoice: boolean
  /** A text was found for some part at least. */
  readonly touched: boolean
}

/**
 * @param declared as the maker writes it; an SPDX expression says how several texts go together, anything else is
 *   not looked at
 * @param texts of all license files of the package
 * @returns an SPDX expression; undefined when the texts leave open what applies
 */
export function concludeLicense(
  declared: string | undefined,
  texts: readonly LicenseMatch[],
): string | undefined {
  if (texts.length === 0) return undefined
  const used = new Set<LicenseMatch>()
  const expression = declaredExpression(declared)
  const reading = expression === undefined ? undefined : readExpression(expression, texts, used)
  if (reading?.proven === undefined && reading?.touched === true) return undefined
  const rest = texts.filter((text) => !used.has(text) && !isPartOfLesser(text, texts))
  if (rest.some(({ isOpen }) => isOpen)) return undefined
  const further = [...new Set(rest.map(({ license }) => license))]
  const proven = reading?.proven
  if (proven === undefined) return further.length === 0 ? undefined : further.sort().join(' AND ')
  // A second text of a license that is named already adds nothing.
  const added = further.filter((license) => ![...used].some((text) => text.license === license)).sort()
  if (added.length === 0) return proven
  return [reading?.isChoice === true ? `(${proven})` : proven, ...added].join(' AND ')
}

/** True when each license of the declared expression has its text among these. */
export function allDeclaredAreFound(declared: string | undefined, texts: readonly LicenseMatch[]): boolean {
  const expression = declaredExpression(declared)
  return (
    expression !== undefined &&
    simpleLicenses(expression).every((license) => textOf(license, texts) !== undefined)
  )
}

/** Cargo's old form, "MIT/Apache-2.0", offers a choice. What is no expression says nothing that could be relied on. */
function declaredExpression(declared: string | undefined): LicenseExpression | undefined {
  return declared === undefined
    ? undefined
    : (expressionOf(declared) ?? expressionOf(declared.replaceAll('/', ' OR ')))
}

function readExpression(
  expression: LicenseExpression,
  texts: readonly LicenseMatch[],
  used: Set<LicenseMatch>,
): Reading {
  if (expression.kind === 'license') {
    const text = textOf(expression, texts)
    if (text !== undefined) used.add(text)
    const isTouched = text !== undefined || baseTextOf(expression, texts) !== undefined
    return { proven: text && nameOf(expression, text), isChoice: false, touched: isTouched }
  }
  const readings = expression.operands.map((operand) => readExpression(operand, texts, used))
  const touched = readings.some((reading) => reading.touched)
  const proven = readings.filter((reading) => reading.proven !== undefined)
  const [only] = proven
  if (expression.kind === 'or' && only !== undefined)
    return proven.length === 1
      ? { ...only, touched }
      : { proven: proven.map((reading) => reading.proven).join(' OR '), isChoice: true, touched }
  if (proven.length < readings.length) return { proven: undefined, isChoice: false, touched }
  return { proven: proven.map(grouped).join(' AND '), isChoice: false, touched }
}

function grouped({ proven = '', isChoice }: Reading): string {
  return isChoice ? `(${proven})` : proven
}

/** Exceptions are not among the texts that are compared, so that none is ever proven. */
function textOf(license: SimpleLicense, texts: readonly LicenseMatch[]): LicenseMatch | undefined {
  return license.exception === undefined ? baseTextOf(license, texts) : undefined
}

function baseTextOf({ id }: SimpleLicense, texts: readonly LicenseMatch[]): LicenseMatch | undefined {
  return texts.find(({ sameText }) => sameText.includes(id))
}

/** The current name: `GPL-2.0` and `GPL-2.0+` were replaced by names that say what they meant. */
function nameOf({ id, orLater }: SimpleLicense, { sameText }: LicenseMatch): string {
  const current = orLater ? `${id}-or-later` : `${id}-only`
  if (sameText.includes(current)) return current
  return orLater ? `${id}+` : id
}

/** LGPL 3.0 is GPL 3.0 with further permissions: who ships it has to ship both texts (its section 4b). */
function isPartOfLesser(text: LicenseMatch, texts: readonly LicenseMatch[]): boolean {
  return text.license === 'GPL-3.0' && texts.some(({ license }) => license === 'LGPL-3.0')
}
