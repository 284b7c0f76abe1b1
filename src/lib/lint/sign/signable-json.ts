/** JSON that means the same to every parser (I-JSON, RFC 7493): without that a signature covers what nobody reads. */
import { visit } from 'jsonc-parser'
import { AivError } from '../../core/index.ts'
import { parseJson, positionAt, UnreadableText } from '../readers/parse/index.ts'

/** A whole number in any spelling: digits, or digits with an exponent. */
const WHOLE = /^-?\d+$/

/**
 * @throws AivError `E_MALFORMED` when it is not JSON; when an object names a member twice, of which one parser takes
 *   the first and another the last; or when a number is one that many parsers round
 */
export function parseSignable(text: string): unknown {
  try {
    const value = parseJson(text)
    refuseAmbiguity(text)
    return value
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error
    throw new AivError('E_MALFORMED', `line ${error.line}: ${error.message}`, { cause: error })
  }
}

function refuseAmbiguity(text: string): void {
  const open: Set<string>[] = []
  const refuse = (what: string, offset: number): never => {
    throw new UnreadableText(what, positionAt(text, offset))
  }
  // What the strict parser has taken is walked again; a byte order mark would end the walk.
  visit(text.replace(/^\ufeff/, ' '), {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty(name, offset) {
      const names = open.at(-1)
      if (names?.has(name)) refuse(`the member "${name}" is there twice`, offset)
      names?.add(name)
    },
    onLiteralValue(value, offset, length) {
      if (typeof value !== 'number') return
      const written = text.slice(offset, offset + length)
      if (!Number.isFinite(value) || (WHOLE.test(written) && !Number.isSafeInteger(value)))
        refuse(`the number ${written.slice(0, 40)} is not exact for every parser`, offset)
    },
  })
}
