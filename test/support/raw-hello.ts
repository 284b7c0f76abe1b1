/**
 * A small reader of ClientHello records for tests, apart from the one of the product: what stands in them, with all that
 * changes from hello to hello masked.
 */

export interface RawHello {
  /** As they stand. */
  readonly extensions: readonly { readonly type: number; readonly body: Buffer }[]
  /** By name, such as `cipher_suites` or `extension 44cd`. */
  readonly fields: ReadonlyMap<string, string>
}

/** @param bytes of a connection, which begins with a record that holds a whole ClientHello */
export function readRawHello(bytes: Uint8Array): RawHello {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = 5 + record.readUInt16BE(3)
  let at = 43
  const vector = (width: 1 | 2): Buffer => {
    const length = record.readUIntBE(at, width)
    at += width + length
    return record.subarray(at - length, at)
  }
  const sessionId = vector(1)
  const suites = vector(2)
  const compression = vector(1)
  at += 2
  const extensions: { type: number; body: Buffer }[] = []
  while (at < end) {
    const type = record.readUInt16BE(at)
    at += 2
    extensions.push({ type, body: vector(2) })
  }
  const fields = new Map([
    ['frame', record.toString('hex', 0, 3) + record.toString('hex', 9, 11)],
    ['session_id', `${sessionId.length} bytes`],
    ['cipher_suites', codes(suites)],
    ['compression', compression.toString('hex')],
    ...extensions.map(({ type, body }) => [nameOf(type, body), masked(type, body)] as const),
  ])
  if (at !== end || record.readUIntBE(6, 3) !== end - 9 || fields.size !== extensions.length + 4)
    throw new Error('lengths that do not fit, or an extension twice')
  return { extensions, fields }
}

function isGrease(code: number): boolean {
  return code % 0x1010 === 0x0a0a && (code & 0xff) === code >> 8
}

function code(value: number): string {
  return isGrease(value) ? 'GREASE' : value.toString(16).padStart(4, '0')
}

function codes(list: Buffer): string {
  return Array.from({ length: list.length / 2 }, (_, index) => code(list.readUInt16BE(2 * index))).join(' ')
}

function nameOf(type: number, body: Buffer): string {
  return `extension ${code(type)}${isGrease(type) ? ` of ${body.length} bytes` : ''}`
}

function masked(type: number, body: Buffer): string {
  switch (type) {
    case 0x0000:
      return 'a name'
    case 0x000a:
    case 0x000d:
      return codes(body.subarray(2))
    case 0x002b:
      return codes(body.subarray(1))
    case 0x0033:
      return shares(body)
    case 0xfe0d: {
      const enc = body.readUInt16BE(6)
      return `${body.toString('hex', 0, 5)} enc ${enc} payload ${body.readUInt16BE(8 + enc)}`
    }
    default:
      return body.toString('hex')
  }
}

/** Groups with the lengths of their shares, and whether an X25519 key is used in two of them. */
function shares(body: Buffer): string {
  const found: string[] = []
  const keys = new Map<number, Buffer>()
  for (let at = 2; at < body.length; ) {
    const [group, length] = [body.readUInt16BE(at), body.readUInt16BE(at + 2)]
    found.push(`${code(group)}:${length}`)
    keys.set(group, body.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  const [alone, hybrid] = [keys.get(0x001d), keys.get(0x11ec)?.subarray(1184)]
  return `${found.join(' ')}${alone !== undefined && hybrid?.equals(alone) === true ? ' shared' : ''}`
}

const ABSENT = 'not there'

/** Each field with all the values that it has in these hellos, sorted. */
export function valuesOf(hellos: readonly RawHello[]): ReadonlyMap<string, readonly string[]> {
  const names = new Set(hellos.flatMap(({ fields }) => [...fields.keys()]))
  const values = (name: string): readonly string[] =>
    [...new Set(hellos.map(({ fields }) => fields.get(name) ?? ABSENT))].toSorted()
  return new Map([...names].map((name) => [name, values(name)]))
}

/** One line for each field that has other values on one side than on the other. */
export function differences(left: readonly RawHello[], right: readonly RawHello[]): readonly string[] {
  const [a, b] = [valuesOf(left), valuesOf(right)]
  return [...new Set([...a.keys(), ...b.keys()])].toSorted().flatMap((name) => {
    const [ours, theirs] = [a, b].map((values) => (values.get(name) ?? [ABSENT]).join(' | '))
    return ours === theirs ? [] : [`${name}: ${ours} <> ${theirs}`]
  })
}

/** The types in their order, GREASE masked. */
export function orderOf({ extensions }: RawHello): string {
  return extensions.map(({ type }) => code(type)).join(' ')
}
