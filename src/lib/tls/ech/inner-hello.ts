/** EncodedClientHelloInner (RFC 9849 section 5.1): what is encrypted, with the extensions of the outer hello left out. */
import { AivError, concat, EMPTY, isAllZero } from '../../core/index.ts'
import { ByteReader, u16List } from '../hello/byte-reader.ts'
import { u16s, vector8 } from '../hello/byte-writer.ts'
import {
  type ClientHello,
  type Extension,
  encodeClientHello,
  parseClientHello,
} from '../hello/client-hello.ts'
import { EXTENSION, extensionBody, serverName, supportedVersions } from '../hello/extensions.ts'
import { isGrease } from '../hello/grease.ts'
import { ECH_INNER, PADDED_TO } from './constants.ts'

const RANDOM_BYTES = 32
const TLS13 = 0x0304
/** Bytes of a server_name extension around its name. */
const SERVER_NAME_AROUND = 9
const TYPES_LEAST = 2

/**
 * @param inner the hello that is meant; its extensions in `compressed` stand one behind the other
 * @param compressed types that the outer hello has with the same content, in the same order
 * @param maximumNameLength of the configuration
 */
export function encodeInnerHello(
  inner: ClientHello,
  compressed: readonly number[],
  maximumNameLength: number,
): Uint8Array {
  const left = new Set(compressed)
  const extensions = (inner.extensions ?? []).flatMap((extension): Extension[] => {
    if (!left.has(extension.type)) return [extension]
    return extension.type === compressed[0]
      ? [{ type: EXTENSION.echOuterExtensions, body: vector8(u16s(compressed)) }]
      : []
  })
  const encoded = encodeClientHello({ ...inner, sessionId: EMPTY, extensions })
  const name = serverName(inner)
  const ofName =
    name === undefined ? maximumNameLength + SERVER_NAME_AROUND : Math.max(0, maximumNameLength - name.length)
  const length = Math.ceil((encoded.length + ofName) / PADDED_TO) * PADDED_TO
  return concat(encoded, new Uint8Array(length - encoded.length))
}

/**
 * The inner hello that a server works with. In one pass over both lists, so that short bytes cannot become a long hello.
 * @throws AivError `E_MALFORMED` for what a server must refuse (RFC 9849 sections 5.1 and 7.1)
 */
export function decodeInnerHello(encoded: Uint8Array, outer: ClientHello): ClientHello {
  const length = unpaddedLength(encoded)
  if (!isAllZero(encoded.subarray(length))) refuse('the padding of the inner hello is not zero')
  const hello = parseClientHello(encoded.subarray(0, length))
  if (hello.sessionId.length > 0) refuse('the encoded inner hello has a session id')
  const inner = {
    ...hello,
    sessionId: outer.sessionId,
    extensions: expanded(hello.extensions ?? [], outer.extensions ?? []),
  }
  checkInner(inner)
  return inner
}

/** Bytes of the ClientHello, before the padding. */
function unpaddedLength(encoded: Uint8Array): number {
  const reader = new ByteReader(encoded)
  reader.u16()
  reader.take(RANDOM_BYTES)
  reader.vector8()
  reader.vector16()
  reader.vector8()
  reader.vector16()
  return encoded.length - reader.left
}

function expanded(inner: readonly Extension[], outer: readonly Extension[]): readonly Extension[] {
  const at = inner.findIndex(({ type }) => type === EXTENSION.echOuterExtensions)
  if (at === -1) return inner
  const referenced = outerTypes((inner[at] as Extension).body)
  let next = 0
  const copied = referenced.map((type) => {
    while (next < outer.length && outer[next]?.type !== type) next++
    return outer[next++] ?? refuse('a referenced extension is not in the outer hello, or not in this order')
  })
  return [...inner.slice(0, at), ...copied, ...inner.slice(at + 1)]
}

function outerTypes(body: Uint8Array): readonly number[] {
  const reader = new ByteReader(body)
  const types = u16List(reader.vector8())
  reader.end()
  if (types.length * 2 < TYPES_LEAST) refuse('ech_outer_extensions is empty')
  if (types.includes(EXTENSION.encryptedClientHello)) refuse('encrypted_client_hello is referenced')
  return types
}

function checkInner(inner: ClientHello): void {
  const types = inner.extensions?.map(({ type }) => type) ?? []
  // A type that is referenced twice ends up here twice.
  if (new Set(types).size < types.length) refuse('the inner hello has an extension twice')
  if (types.includes(EXTENSION.echOuterExtensions)) refuse('ech_outer_extensions is referenced')
  const marker = extensionBody(inner, EXTENSION.encryptedClientHello)
  if (marker?.length !== 1 || marker[0] !== ECH_INNER) refuse('the inner hello is not marked as one')
  const versions = supportedVersions(inner)?.filter((version) => !isGrease(version)) ?? []
  if (!versions.includes(TLS13) || versions.some((version) => version < TLS13))
    refuse('the inner hello offers another version than TLS 1.3')
}

function refuse(why: string): never {
  throw new AivError('E_MALFORMED', why)
}
