/**
 * What follows from the license texts that were found, in the light of what the maker declares. Texts decide: nothing
 * is concluded that no text was found for, and a text that was found is never left out.
 */
import parse from 'spdx-expression-parse'
import type { LicenseMatch } from './match-license-text.ts'

type Expression = ReturnType<typeof parse>
type Leaf = Extract<Expression, { readonly license: string }>

/** Longer than any real expression; the parser recurses. */
const MAX_EXPRESSION_LENGTH = 2000

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
  const expression = expressionOf(declared)
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
  const expression = expressionOf(declared)
  return expression !== undefined && leavesOf(expression).every((leaf) => textOf(leaf, texts) !== undefined)
}

function expressionOf(declared: string | undefined): Expression | undefined {
  if (declared === undefined || declared.length > MAX_EXPRESSION_LENGTH) return undefined
  // Cargo's old form: "MIT/Apache-2.0" offers a choice.
  for (const text of [declared, declared.replaceAll('/', ' OR ')]) {
    try {
      return parse(text)
    } catch {
      // No SPDX expression, which is allowed: then it says nothing that could be relied on.
    }
  }
  return undefined
}

function readExpression(
  expression: Expression,
  texts: readonly LicenseMatch[],
  used: Set<LicenseMatch>,
): Reading {
  if ('license' in expression) {
    const text = textOf(expression, texts)
    if (text !== undefined) used.add(text)
    const isTouched = text !== undefined || baseTextOf(expression, texts) !== undefined
    return { proven: text && nameOf(expression, text), isChoice: false, touched: isTouched }
  }
  const left = readExpression(expression.left, texts, used)
  const right = readExpression(expression.right, texts, used)
  const touched = left.touched || right.touched
  if (expression.conjunction === 'or') {
    if (left.proven === undefined || right.proven === undefined)
      return { ...(left.proven === undefined ? right : left), touched }
    return { proven: `${left.proven} OR ${right.proven}`, isChoice: true, touched }
  }
  if (left.proven === undefined || right.proven === undefined)
    return { proven: undefined, isChoice: false, touched }
  return { proven: `${grouped(left)} AND ${grouped(right)}`, isChoice: false, touched }
}

function grouped({ proven = '', isChoice }: Reading): string {
  return isChoice ? `(${proven})` : proven
}

/** Exceptions are not among the texts that are compared, so that none is ever proven. */
function textOf(leaf: Leaf, texts: readonly LicenseMatch[]): LicenseMatch | undefined {
  return leaf.exception === undefined ? baseTextOf(leaf, texts) : undefined
}

function baseTextOf(leaf: Leaf, texts: readonly LicenseMatch[]): LicenseMatch | undefined {
  const id = leaf.license.replace(/\+$/, '')
  return texts.find(({ sameText }) => sameText.includes(id))
}

/** The current name: `GPL-2.0` and `GPL-2.0+` were replaced by names that say what they meant. */
function nameOf({ license, plus }: Leaf, { sameText }: LicenseMatch): string {
  const id = license.replace(/\+$/, '')
  const isLater = plus === true || license.endsWith('+')
  const current = isLater ? `${id}-or-later` : `${id}-only`
  if (sameText.includes(current)) return current
  return isLater ? `${id}+` : id
}

/** LGPL 3.0 is GPL 3.0 with further permissions: who ships it has to ship both texts (its section 4b). */
function isPartOfLesser(text: LicenseMatch, texts: readonly LicenseMatch[]): boolean {
  return text.license === 'GPL-3.0' && texts.some(({ license }) => license === 'LGPL-3.0')
}

function leavesOf(expression: Expression): readonly Leaf[] {
  return 'license' in expression
    ? [expression]
    : [...leavesOf(expression.left), ...leavesOf(expression.right)]
}
