/** A hello as text, field by field, with everything masked that a browser draws anew for each connection. */
import {
  Cursor,
  echOf,
  isGreaseValue,
  numberList,
  type ReferenceHello,
  sharesOf,
} from './reference-reader.ts'

export interface MaskOptions {
  /** The host differs too. */
  readonly maskName?: boolean
  /** Extensions move: their order is not compared, only which stand first and last. */
  readonly isShuffled: boolean
}

/** By name of the field; lengths and headers among them. */
export function maskedFields(
  hello: ReferenceHello,
  { maskName, isShuffled }: MaskOptions,
): Record<string, string> {
  const types = hello.extensions.map(({ type }) => typeText(type))
  // The two of GREASE are told apart by where they stand.
  const named = hello.extensions.map(({ type }, index) =>
    isGreaseValue(type) ? (index === 0 ? 'GREASE first' : 'GREASE last') : typeText(type),
  )
  return {
    'record version': hex(hello.recordVersion),
    'legacy version': hex(hello.legacyVersion),
    random: `${hello.random.length} bytes`,
    'session id': `${hello.sessionId.length} bytes`,
    'cipher suites': listText(hello.cipherSuites),
    compression: hello.compression.toString('hex'),
    extensions: (isShuffled ? named.toSorted() : types).join(' '),
    ...(isShuffled ? { edges: edgesOf(types) } : {}),
    ...Object.fromEntries(
      hello.extensions.map(({ type, body }, index) => [
        `extension ${named[index]}`,
        bodyText(hello, type, body, maskName === true),
      ]),
    ),
  }
}

/** GREASE first; GREASE last, with what may follow it. */
function edgesOf(types: readonly string[]): string {
  const last = types.lastIndexOf('GREASE')
  return `${types[0]} … ${types.slice(last === 0 ? -1 : last).join(' ')}`
}

function bodyText(hello: ReferenceHello, type: number, body: Buffer, maskName: boolean): string {
  switch (type) {
    case 0x0000:
      return maskName ? nameText(body) : body.toString('hex')
    case 0x000a:
    case 0x000d:
      return listText(numberList(hello, type, 2))
    case 0x002b:
      return listText(numberList(hello, type, 1))
    case 0x0033:
      return sharesOf(hello)
        .map(({ group, key }) =>
          isGreaseValue(group) ? `GREASE:${key.toString('hex')}` : `${hex(group)}:${key.length} bytes`,
        )
        .join(' ')
    case 0xfe0d: {
      const { kdf, aead, enc } = echOf(hello)
      return `kdf ${hex(kdf)} aead ${hex(aead)} enc ${enc.length} bytes`
    }
    // All zeros; how many follows from the length of the name.
    case 0x0015:
      return body.every((byte) => byte === 0) ? 'zeros' : body.toString('hex')
    default:
      return body.toString('hex')
  }
}

/** RFC 6066 section 3. */
function nameText(body: Buffer): string {
  const cursor = new Cursor(body)
  const list = new Cursor(cursor.vector(2))
  cursor.end()
  const text = `type ${list.number(1)}, a name of ${list.vector(2).length > 0 ? 'some' : 'no'} bytes`
  list.end()
  return text
}

function typeText(type: number): string {
  return isGreaseValue(type) ? 'GREASE' : hex(type)
}

function listText(list: readonly number[]): string {
  return list.map(typeText).join(' ')
}

function hex(value: number): string {
  return value.toString(16).padStart(4, '0')
}

/** Names of the fields in which two hellos differ. */
export function differingFields(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .filter((field) => a[field] !== b[field])
    .toSorted()
}
