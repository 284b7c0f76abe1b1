/** What people write where they mean an SPDX identifier. For hints only: what a maker declared is never changed. */
import { expressionOf, formatExpression } from './expression.ts'

const NAMES: readonly (readonly [pattern: RegExp, expression: string])[] = [
  [/^(?:the )?mit(?: license|\/x11)?$/, 'MIT'],
  [/^(?:the )?isc license$/, 'ISC'],
  [/^(?:the )?apache(?: software)?(?: license)?,?(?: version)?[ -]?v?2(?:\.0)?$/, 'Apache-2.0'],
  [/^(?:the )?(?:new|modified|revised|3-clause) bsd(?: license)?$|^bsd 3-clause(?: .*)?$/, 'BSD-3-Clause'],
  [/^(?:the )?(?:simplified|2-clause) bsd(?: license)?$|^bsd 2-clause(?: .*)?$/, 'BSD-2-Clause'],
  [/^(?:the )?unlicense$/, 'Unlicense'],
  [/^(?:gnu )?gpl ?v?2(?:\.0)?$/, 'GPL-2.0-only'],
  [/^(?:gnu )?gpl ?v?3(?:\.0)?$/, 'GPL-3.0-only'],
  [/^(?:gnu )?gpl ?v?2(?:\.0)? ?(?:\+|or later)$/, 'GPL-2.0-or-later'],
  [/^(?:gnu )?gpl ?v?3(?:\.0)? ?(?:\+|or later)$/, 'GPL-3.0-or-later'],
  [/^(?:gnu )?lgpl ?v?2\.1$/, 'LGPL-2.1-only'],
  [/^(?:gnu )?lgpl ?v?3(?:\.0)?$/, 'LGPL-3.0-only'],
  [/^(?:gnu )?agpl ?v?3(?:\.0)?$/, 'AGPL-3.0-only'],
  [/^(?:mozilla public license|mpl)[ -]?v?2(?:\.0)?$/, 'MPL-2.0'],
  [/^(?:eclipse public license|epl)[ -]?v?2(?:\.0)?$/, 'EPL-2.0'],
  [/^(?:eclipse public license|epl)[ -]?v?1(?:\.0)?$/, 'EPL-1.0'],
  [/^(?:python software foundation license|psf)$/, 'PSF-2.0'],
  [/^cc0(?: 1\.0(?: universal)?)?$/, 'CC0-1.0'],
  [/^(?:boost software license|bsl)[ -]?v?1(?:\.0)?$/, 'BSL-1.0'],
]

/** A longer text is no name. */
const MAX_LENGTH = 100

/** The SPDX expression that the text probably means; undefined where it is one already, or means nothing that is known. */
export function likelyExpression(text: string): string | undefined {
  if (text.length > MAX_LENGTH || expressionOf(text) !== undefined) return undefined
  const plain = text.trim().toLowerCase().replace(/\s+/g, ' ')
  for (const [pattern, expression] of NAMES) if (pattern.test(plain)) return expression
  // Old manifests of npm, Composer and Cargo separate by slash, comma or vertical bar.
  const parts = plain.split(/ ?(?:\|\||[/|,]) ?/)
  if (parts.length === 1) return undefined
  const joined = expressionOf(parts.map((part) => likelyExpression(part) ?? part).join(' OR '))
  return joined === undefined ? undefined : formatExpression(joined)
}
