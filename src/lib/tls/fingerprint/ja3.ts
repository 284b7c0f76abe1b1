/**
 * JA3 and JA3S (salesforce/ja3 at 421dd4f). Browsers that shuffle their extensions have another JA3 at each
 * connection; JA3N, with the extensions in numerical order, stays.
 */
import { EMPTY, toHex, utf8 } from '../../core/index.ts'
import { md5 } from '../../crypto/index.ts'
import type { ClientHello, Extension } from '../hello/client-hello.ts'
import { pointFormats, supportedGroups } from '../hello/extensions.ts'
import { withoutGrease } from '../hello/grease.ts'
import type { ServerHello } from '../hello/server-hello.ts'

export interface Ja3 {
  /** `version,ciphers,extensions,groups,formats` in decimal. */
  readonly text: string
  /** Its MD5, 32 hexadecimal digits. */
  readonly hash: string
}

export function ja3(hello: ClientHello): Ja3 {
  return ofClient(hello, typesOf(hello.extensions))
}

/** The extensions sorted. */
export function ja3n(hello: ClientHello): Ja3 {
  return ofClient(
    hello,
    typesOf(hello.extensions).toSorted((a, b) => a - b),
  )
}

/** `version,cipher,extensions` of a server. */
export function ja3s({ version, cipherSuite, extensions = [] }: ServerHello): Ja3 {
  return hashed([[version], [cipherSuite], extensions.map(({ type }) => type)])
}

function ofClient(hello: ClientHello, types: readonly number[]): Ja3 {
  const hasExtensions = hello.extensions !== undefined
  return hashed([
    [hello.version],
    withoutGrease(hello.cipherSuites),
    types,
    withoutGrease(hasExtensions ? supportedGroups(hello) : []),
    [...(hasExtensions ? pointFormats(hello) : EMPTY)],
  ])
}

function typesOf(extensions: readonly Extension[] = []): readonly number[] {
  return withoutGrease(extensions.map(({ type }) => type))
}

function hashed(fields: readonly (readonly number[])[]): Ja3 {
  const text = fields.map((field) => field.join('-')).join(',')
  return { text, hash: toHex(md5(utf8(text))) }
}
