/**
 * JA4 of a TLS client, by its document (FoxIO-LLC/ja4 at 0e54bc83, technical_details/JA4.md, BSD-3-Clause) also where
 * published programs differ from it: GREASE among the signature algorithms does not count, and a first ALPN value
 * that begins or ends with something else than a letter or digit is written as hexadecimal.
 */
import { toHex, utf8 } from '../../core/index.ts'
import { sha256 } from '../../crypto/index.ts'
import type { ClientHello } from '../hello/client-hello.ts'
import {
  alpnProtocols,
  EXTENSION,
  extensionBody,
  signatureAlgorithms,
  supportedVersions,
} from '../hello/extensions.ts'
import { withoutGrease } from '../hello/grease.ts'

/** What carried the hello. */
export type HelloTransport = 'tcp' | 'quic' | 'dtls'

export interface Ja4 {
  readonly ja4: string
  /** Unhashed. */
  readonly raw: string
  /** In the order of the hello, server name and ALPN included. */
  readonly original: string
  readonly originalRaw: string
}

const TRANSPORT: Readonly<Record<HelloTransport, string>> = { tcp: 't', quic: 'q', dtls: 'd' }

const VERSION: Readonly<Record<number, string>> = {
  772: '13',
  771: '12',
  770: '11',
  769: '10',
  768: 's3',
  2: 's2',
  65279: 'd1',
  65277: 'd2',
  65276: 'd3',
}

const HASH_DIGITS = 12
const NO_HASH = '0'.repeat(HASH_DIGITS)
const COUNT_MOST = 99

export function ja4(hello: ClientHello, transport: HelloTransport): Ja4 {
  const ciphers = withoutGrease(hello.cipherSuites).map(hex4)
  const extensions = withoutGrease((hello.extensions ?? []).map(({ type }) => type)).map(hex4)
  const algorithms = withoutGrease(signatureAlgorithms(hello)).map(hex4)
  const head =
    TRANSPORT[transport] +
    (VERSION[newestVersion(hello)] ?? '00') +
    (extensionBody(hello, EXTENSION.serverName) === undefined ? 'i' : 'd') +
    count(ciphers.length) +
    count(extensions.length) +
    alpnMark(alpnProtocols(hello)[0])
  const named: readonly string[] = [hex4(EXTENSION.serverName), hex4(EXTENSION.alpn)]
  const sorted = [
    ciphers.toSorted().join(','),
    listed(
      extensions
        .filter((type) => !named.includes(type))
        .toSorted()
        .join(','),
      algorithms,
    ),
  ] as const
  const unsorted = [ciphers.join(','), listed(extensions.join(','), algorithms)] as const
  return {
    ja4: `${head}_${sorted.map(hash).join('_')}`,
    raw: `${head}_${sorted.join('_')}`,
    original: `${head}_${unsorted.map(hash).join('_')}`,
    originalRaw: `${head}_${unsorted.join('_')}`,
  }
}

/** The highest that is offered. Versions of DTLS count downwards, so that the lowest number there is the newest. */
function newestVersion(hello: ClientHello): number {
  const offered = withoutGrease(supportedVersions(hello) ?? [])
  if (offered.length === 0) return hello.version
  const datagram = offered.filter((version) => version >= 0xfe00)
  return datagram.length > 0 ? Math.min(...datagram) : Math.max(...offered)
}

/** Extensions, and the signature algorithms if there are any. */
function listed(extensions: string, algorithms: readonly string[]): string {
  return algorithms.length === 0 ? extensions : `${extensions}_${algorithms.join(',')}`
}

function hash(part: string): string {
  return part === '' ? NO_HASH : toHex(sha256(utf8(part))).slice(0, HASH_DIGITS)
}

function alpnMark(protocol: Uint8Array | undefined): string {
  if (protocol === undefined || protocol.length === 0) return '00'
  const ends = [protocol[0] as number, protocol.at(-1) as number]
  if (ends.every(isAlphanumeric)) return String.fromCharCode(...ends)
  const digits = toHex(protocol)
  return `${digits[0]}${digits.at(-1)}`
}

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}

function count(items: number): string {
  return String(Math.min(items, COUNT_MOST)).padStart(2, '0')
}

function hex4(value: number): string {
  return value.toString(16).padStart(4, '0')
}
