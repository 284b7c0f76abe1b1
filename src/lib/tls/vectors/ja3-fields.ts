/** A ClientHello from the five fields of a JA3, for values that are published without the hello they are of. */
import { concat, u16 } from '../../core/index.ts'
import { type ClientHello, type Extension, encodeClientHello } from '../hello/client-hello.ts'
import { EXTENSION } from '../hello/extensions.ts'

/** Stands at the head of each list, because a JA3 may not show it. */
const GREASE = 0x1a1a

/**
 * The body of a hello with these fields.
 * @param text `version,ciphers,extensions,groups,formats` in decimal
 * @throws Error when no hello can have these fields
 */
export function helloFromJa3(text: string): Uint8Array {
  const fields = text.split(',')
  if (fields.length !== 5) throw new Error(`a JA3 has five fields, this one has ${fields.length}`)
  const [version, ciphers, types, groups, formats] = fields.map(numbersOf) as [
    readonly number[],
    readonly number[],
    readonly number[],
    readonly number[],
    readonly number[],
  ]
  if (version.length !== 1) throw new Error('a JA3 begins with one version')
  for (const [list, type] of [
    [groups, EXTENSION.supportedGroups],
    [formats, EXTENSION.ecPointFormats],
  ] as const)
    if (list.length > 0 && !types.includes(type))
      throw new Error(`values of extension ${type}, which the JA3 does not have`)
  const bodyOf = (type: number): Uint8Array => {
    if (type === EXTENSION.supportedGroups && groups.length > 0)
      return vector(concat(...greased(groups).map(u16)))
    if (type === EXTENSION.ecPointFormats)
      return concat(Uint8Array.of(formats.length), Uint8Array.from(formats))
    return new Uint8Array(0)
  }
  const extensions = greased(types).map((type): Extension => ({ type, body: bodyOf(type) }))
  const hello: ClientHello = {
    version: version[0] as number,
    random: new Uint8Array(32),
    sessionId: new Uint8Array(0),
    cipherSuites: greased(ciphers),
    compressionMethods: new Uint8Array(1),
  }
  return encodeClientHello(types.length === 0 ? hello : { ...hello, extensions })
}

function greased(values: readonly number[]): readonly number[] {
  return [GREASE, ...values]
}

function vector(bytes: Uint8Array): Uint8Array {
  return concat(u16(bytes.length), bytes)
}

function numbersOf(field: string): readonly number[] {
  if (field === '') return []
  return field.split('-').map((digits) => {
    if (!/^\d{1,5}$/.test(digits) || Number(digits) > 0xffff) throw new Error(`${digits} is no 16-bit number`)
    return Number(digits)
  })
}
