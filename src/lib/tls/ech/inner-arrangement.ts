/**
 * What stands in the inner hello and what outside, as Chromium arranges it (RFC 9849 section 6.1): the inner one has the true
 * name, TLS 1.3 alone, and refers to the outer one for the rest.
 */
import { AivError, concat, utf8 } from '../../core/index.ts'
import { sentServerName } from '../browser/build/server-name.ts'
import { u16s, vector8, vector16 } from '../hello/byte-writer.ts'
import type { ClientHello, Extension } from '../hello/client-hello.ts'
import { EXTENSION, supportedVersions } from '../hello/extensions.ts'
import { isGrease } from '../hello/grease.ts'
import { ECH_INNER } from './constants.ts'

const HOST_NAME = 0
const TLS13 = 0x0304
/** The high byte of the cipher suites of TLS 1.3. */
const TLS13_SUITES = 0x13
/** They mean nothing in TLS 1.3. */
const OLDER: ReadonlySet<number> = new Set([
  EXTENSION.ecPointFormats,
  EXTENSION.extendedMainSecret,
  EXTENSION.sessionTicket,
  EXTENSION.renegotiationInfo,
])
/** Those that differ, or would say too much outside. */
const OWN: ReadonlySet<number> = new Set([
  EXTENSION.serverName,
  EXTENSION.supportedVersions,
  EXTENSION.encryptedClientHello,
])

/** @throws AivError `E_UNSUPPORTED` for a hello that no other one can be hidden in */
export function requireRoomForInner({ extensions = [] }: ClientHello): void {
  const types = extensions.map(({ type }) => type)
  if (!types.includes(EXTENSION.encryptedClientHello))
    throw new AivError('E_UNSUPPORTED', 'the hellos of this browser have no ECH', {
      hint: 'Take a newer version.',
    })
  // Its length was reckoned with another ECH.
  if (types.includes(EXTENSION.padding))
    throw new AivError('E_UNSUPPORTED', 'hellos of this browser that are padded are not encrypted', {
      hint: 'Take a newer version.',
    })
}

export interface ArrangedInner {
  readonly inner: ClientHello
  /** Types that it has in common with the outer hello, in their order. */
  readonly compressed: readonly number[]
}

/** @param random of the inner hello, 32 bytes: the same one in both hellos of a connection */
export function arrangedInner(outer: ClientHello, host: string, random: Uint8Array): ArrangedInner {
  const kept = (outer.extensions ?? []).filter(({ type }) => !OLDER.has(type))
  const shared = kept.filter(({ type }) => !OWN.has(type))
  const own = ownExtensions(outer, kept, host)
  const inner = {
    ...outer,
    random,
    cipherSuites: outer.cipherSuites.filter((suite) => isGrease(suite) || suite >>> 8 === TLS13_SUITES),
    extensions: [...own, ...shared],
  }
  return { inner, compressed: shared.map(({ type }) => type) }
}

/** In the order that they have outside. */
function ownExtensions(outer: ClientHello, kept: readonly Extension[], host: string): readonly Extension[] {
  const name = sentServerName(host)
  const versions = supportedVersions(outer)?.filter((version) => isGrease(version) || version >= TLS13) ?? []
  return kept.flatMap(({ type }): Extension[] => {
    switch (type) {
      case EXTENSION.serverName:
        return name === undefined ? [] : [{ type, body: nameBody(name) }]
      case EXTENSION.supportedVersions:
        return [{ type, body: vector8(u16s(versions)) }]
      case EXTENSION.encryptedClientHello:
        return [{ type, body: Uint8Array.of(ECH_INNER) }]
      default:
        return []
    }
  })
}

function nameBody(name: string): Uint8Array {
  return vector16(concat(Uint8Array.of(HOST_NAME), vector16(utf8(name))))
}
