/** JSON Canonicalization Scheme (RFC 8785): the one spelling of a JSON value that signatures are made over. */
import { AivError } from '../../core/index.ts'

/**
 * @param value as `JSON.parse` gives it, nested at most as deep as the readers of documents allow
 * @throws AivError `E_MALFORMED` on half of a surrogate pair, which has no UTF-8 (RFC 8785 §3.2.2.2)
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    // By UTF-16 code units (§3.2.3), which is the order of the default sort.
    const members = Object.keys(value)
      .sort()
      .map((key) => `${canonicalString(key)}:${canonicalJson(Reflect.get(value, key))}`)
    return `{${members.join(',')}}`
  }
  // Numbers as ECMAScript writes them (§3.2.2.3).
  return typeof value === 'string' ? canonicalString(value) : JSON.stringify(value)
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new AivError('E_MALFORMED', 'a text holds half of a surrogate pair')
  return JSON.stringify(text)
}
