/** SPDX license expressions as documents need them: is this one, how is it spelled, what does it refer to. */
import { expressionOf } from '../../licenses/expression.ts'
import { listedLicense } from '../../licenses/listed.ts'

export interface LicenseExpression {
  /** Identifiers in the spelling of the list, operators in capitals. */
  readonly text: string
  /** The listed identifier when the expression is nothing but that. */
  readonly id?: string | undefined
  /** `LicenseRef-…`, sorted. */
  readonly references: readonly string[]
}

const OPERATORS = new Set(['AND', 'OR', 'WITH'])
const known = new Map<string, LicenseExpression | undefined>()
/** Documents repeat a few expressions thousands of times; hostile ones must not fill the memory. */
const MAX_KNOWN = 2000

/** @returns undefined when the text is no expression over the SPDX list; `NONE` and `NOASSERTION` are none */
export function licenseExpression(text: string): LicenseExpression | undefined {
  if (known.has(text)) return known.get(text)
  const expression = read(text)
  if (known.size >= MAX_KNOWN) known.clear()
  known.set(text, expression)
  return expression
}

function read(text: string): LicenseExpression | undefined {
  const tree = expressionOf(text.trim())
  // References into other documents would need those documents beside this one; only SPDX 3.0 has additions.
  if (tree === undefined || /(?:DocumentRef|AdditionRef)-/i.test(text)) return undefined
  const spelled = text.trim().replace(/[A-Za-z0-9.-]+/g, spelling)
  const references = [...new Set(spelled.match(/\bLicenseRef-[A-Za-z0-9.-]+/g) ?? [])].sort()
  const isListed = tree.kind === 'license' && tree.exception === undefined && !tree.orLater
  return {
    text: spelled,
    id: isListed && references.length === 0 ? tree.id : undefined,
    references,
  }
}

function spelling(word: string): string {
  const upper = word.toUpperCase()
  return OPERATORS.has(upper) ? upper : (listedLicense(word) ?? word.replace(/^licenseref-/i, 'LicenseRef-'))
}
