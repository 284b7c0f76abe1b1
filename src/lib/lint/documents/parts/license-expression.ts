/** SPDX license expressions as documents need them: is this one, how is it spelled, what does it refer to. */

import parse from 'spdx-expression-parse'
import deprecatedIds from 'spdx-license-ids/deprecated.json' with { type: 'json' }
import licenseIds from 'spdx-license-ids/index.json' with { type: 'json' }

export interface LicenseExpression {
  /** Identifiers in the spelling of the list, operators in capitals. */
  readonly text: string
  /** The listed identifier when the expression is nothing but that. */
  readonly id?: string | undefined
  /** `LicenseRef-…`, sorted. */
  readonly references: readonly string[]
}

/** Longer than those of whole Linux distributions; the parser takes the square of the length. */
const MAX_LENGTH = 4096
const MAX_NESTING = 64

const SPELLING = new Map([...deprecatedIds, ...licenseIds].map((id) => [id.toLowerCase(), id]))
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
  // References into other documents would need those documents beside this one.
  if (text.length > MAX_LENGTH || text.includes('DocumentRef-') || nesting(text) > MAX_NESTING)
    return undefined
  const spelled = text.trim().replace(/[A-Za-z0-9.-]+/g, spelling)
  const tree = parsed(spelled)
  if (tree === undefined) return undefined
  const references = [...new Set(spelled.match(/\bLicenseRef-[A-Za-z0-9.-]+/g) ?? [])].sort()
  const isListed = 'license' in tree && tree.exception === undefined && tree.plus !== true
  return {
    text: spelled,
    id: isListed && references.length === 0 ? tree.license : undefined,
    references,
  }
}

function parsed(text: string): parse.Info | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function spelling(word: string): string {
  const upper = word.toUpperCase()
  return OPERATORS.has(upper) ? upper : (SPELLING.get(word.toLowerCase()) ?? word)
}

function nesting(text: string): number {
  let depth = 0
  let deepest = 0
  for (const character of text) {
    if (character === '(') depth += 1
    else if (character === ')') depth -= 1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}
