/**
 * Names of subjects and issuers (RFC 5280 section 4.1.2.4). Two are the same when they agree after case, blanks and the
 * kind of string are made one, because authorities re-encode their names when they renew a certificate (section 7.1).
 */
import { toHex } from '../../../core/index.ts'
import { TAG } from '../der.ts'
import { DerReader, malformed } from './der-reader.ts'

const COMMON_NAME = '550403'
const ORGANIZATION = '55040a'
const DISPLAY_MOST = 64

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const strictUtf16 = new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true })

/** How the strings of each tag are read; T61 as everybody does, which is not how it was defined. */
const TEXTS: Readonly<Record<number, (bytes: Uint8Array) => string>> = {
  [TAG.UTF8_STRING]: (bytes) => strictUtf8.decode(bytes),
  [TAG.PRINTABLE_STRING]: latin1,
  [TAG.T61_STRING]: latin1,
  [TAG.IA5_STRING]: latin1,
  [TAG.VISIBLE_STRING]: latin1,
  [TAG.BMP_STRING]: (bytes) => strictUtf16.decode(bytes),
}

interface Attribute {
  readonly type: string
  /** Undefined for what is no text. */
  readonly text: string | undefined
  readonly raw: Uint8Array
}

/**
 * A key for each part of the name, from the country down to the server: equal keys are equal parts.
 * @param name the content of the outer SEQUENCE
 * @throws AivError `E_MALFORMED`
 */
export function nameParts(name: Uint8Array): readonly string[] {
  return relativeNames(name).map((attributes) => attributes.map(attributeKey).sort().join('+'))
}

/** What a person knows the name by, fit for a terminal: its common name, else its organization. */
export function displayName(name: Uint8Array): string {
  const attributes = relativeNames(name).flat()
  const pick = (type: string): string | undefined => attributes.findLast((one) => one.type === type)?.text
  const text = pick(COMMON_NAME) ?? pick(ORGANIZATION) ?? 'no name'
  // Controls and changes of direction would let a server write on the terminal of its victim.
  return text.replaceAll(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, '?').slice(0, DISPLAY_MOST)
}

function relativeNames(name: Uint8Array): readonly (readonly Attribute[])[] {
  const names: Attribute[][] = []
  for (const reader = new DerReader(name); !reader.isAtEnd; ) {
    const set = reader.enter(TAG.SET)
    const attributes = [readAttribute(set)]
    while (!set.isAtEnd) attributes.push(readAttribute(set))
    names.push(attributes)
  }
  return names
}

function readAttribute(set: DerReader): Attribute {
  const reader = set.enter(TAG.SEQUENCE)
  const type = reader.takeIdentifier()
  const tag = reader.nextTag ?? 0
  const raw = reader.takeWhole(tag)
  reader.end()
  return { type, text: textOf(raw, tag), raw }
}

function textOf(raw: Uint8Array, tag: number): string | undefined {
  try {
    return TEXTS[tag]?.(new DerReader(raw).take(tag))
  } catch (cause) {
    throw malformed('a name has letters that do not exist', cause)
  }
}

/** Quotes keep apart what the text and what the key consists of. */
function attributeKey({ type, text, raw }: Attribute): string {
  if (text === undefined) return `${type}=${toHex(raw)}`
  const plain = text
    .replaceAll(/[A-Z]+/g, (capitals) => capitals.toLowerCase())
    .replaceAll(/[\t-\r ]+/g, ' ')
    .replaceAll(/^ | $/g, '')
  return `${type}=${JSON.stringify(plain)}`
}
