/** The two forms of a document: canonical CBOR on the wire, JSON in files that people read. */
import { AivError, type CborMap, decodeCbor, fromUtf8, toHex } from '../../core/index.ts'
import { FieldReader } from './field-reader.ts'

export interface DocumentBounds {
  readonly maxBytes: number
  /** CBOR values, names included. */
  readonly maxItems: number
}

const MAX_DEPTH = 8

/**
 * The fields of a document in either form.
 * @param place what it is, for messages
 * @throws AivError `E_MALFORMED`, `E_TOO_LARGE`
 */
export function openDocument(content: Uint8Array, place: string, bounds: DocumentBounds): FieldReader {
  if (content.length > bounds.maxBytes) throw new AivError('E_TOO_LARGE', `${place} is too long`)
  return isCbor(content)
    ? new FieldReader(decodeCbor(content, { depth: MAX_DEPTH, items: bounds.maxItems }), 'cbor', place)
    : new FieldReader(parseJson(content, place), 'json', place)
}

/** Indented JSON with bytes as lower-case hex. */
export function documentJson(fields: CborMap): string {
  return JSON.stringify(
    fields,
    (_, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value),
    2,
  )
}

/** The first byte of a CBOR map is 0xa0 or more, that of JSON text an ASCII character. */
function isCbor(content: Uint8Array): boolean {
  return (content[0] ?? 0) >= 0x80
}

function parseJson(content: Uint8Array, place: string): unknown {
  const text = fromUtf8(content)
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AivError('E_MALFORMED', `${place} is neither JSON nor CBOR`, { cause })
  }
}
