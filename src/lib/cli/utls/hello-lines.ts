/** Fingerprinted hellos as lines for people and for programs. */
import { latin1, toHex } from '../../core/index.ts'
import {
  alpnProtocols,
  type ClientHello,
  type FoundHello,
  ja3,
  ja3n,
  ja3s,
  ja4,
  type OuterEch,
  outerEch,
  serverName,
  supportedVersions,
} from '../../tls/index.ts'
import { encodeJson, type Fields, JSON_VERSION, printable } from '../output.ts'

/** Width of an address with its port in a table. */
export const ADDRESS_WIDTH = 21

export const HELLO_TABLE_HEAD = `${'from'.padEnd(ADDRESS_WIDTH)}  ${'to'.padEnd(ADDRESS_WIDTH)}  via   fingerprint                           name`

export function helloJson(found: FoundHello): string {
  return encodeJson({ v: JSON_VERSION, ...helloFields(found) })
}

export function helloFields(found: FoundHello): Fields {
  const { kind, transport, src, dst, packet } = found
  const place = { kind, src, dst, packet, transport }
  return { ...place, ...(found.kind === 'client' ? clientFields(found) : serverFields(found)) }
}

export function helloText(found: FoundHello): string {
  const { src = '-', dst = '-', transport } = found
  const isClient = found.kind === 'client'
  const columns = [
    src.padEnd(ADDRESS_WIDTH),
    dst.padEnd(ADDRESS_WIDTH),
    transport.padEnd(4),
    isClient ? ja4(found.hello, transport).ja4.padEnd(36) : `server, JA3S ${ja3s(found.hello).hash}`,
    isClient ? (nameOf(found.hello) ?? '') : '',
  ]
  return printable(columns.join('  ').trimEnd())
}

function clientFields({ hello, transport }: FoundHello & { readonly kind: 'client' }): Fields {
  const { text, hash } = ja3(hello)
  const fingerprint = ja4(hello, transport)
  return {
    sni: nameOf(hello) ?? null,
    alpn: alpnProtocols(hello).map(latin1),
    ja3: text,
    ja3_hash: hash,
    ja3n_hash: ja3n(hello).hash,
    ja4: fingerprint.ja4,
    ja4_r: fingerprint.raw,
    ja4_o: fingerprint.original,
    ja4_ro: fingerprint.originalRaw,
    tls_versions: (supportedVersions(hello) ?? [hello.version]).map(hex4),
    ech: echFields(outerEch(hello)),
  }
}

function serverFields({ hello }: FoundHello & { readonly kind: 'server' }): Fields {
  const { text, hash } = ja3s(hello)
  return { ja3s: text, ja3s_hash: hash }
}

/** From outside the real thing and its imitation look the same: what is there is shown, not what it means. */
function echFields(ech: OuterEch | undefined): Fields | null {
  if (ech === undefined) return null
  const { kdf, aead, configId, encBytes, payloadBytes } = ech
  return {
    kdf: hex4(kdf),
    aead: hex4(aead),
    config_id: configId,
    enc_bytes: encBytes,
    payload_bytes: payloadBytes,
  }
}

/** Undefined without a name. */
export function nameOf(hello: ClientHello): string | undefined {
  const name = serverName(hello)
  return name === undefined ? undefined : latin1(name)
}

function hex4(value: number): string {
  return toHex(Uint8Array.of(value >>> 8, value & 0xff))
}
