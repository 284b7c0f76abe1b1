/** ClientHello, byte for byte (RFC 8446 section 4.1.2; RFC 6347 section 4.2.1 for the cookie of DTLS). */
import { AivError, concat, u16 } from '../../core/index.ts'
import { ByteReader, u16List } from './byte-reader.ts'
import { u16s, vector8, vector16 } from './byte-writer.ts'

const RANDOM_BYTES = 32
const SESSION_ID_MOST = 32

export interface Extension {
  readonly type: number
  /** Without type and length. */
  readonly body: Uint8Array
}

export interface ClientHello {
  /** `legacy_version`; 0x0303 since TLS 1.2, 0xfefd in DTLS. */
  readonly version: number
  /** 32 bytes. */
  readonly random: Uint8Array
  /** At most 32 bytes. */
  readonly sessionId: Uint8Array
  /** DTLS only. */
  readonly cookie?: Uint8Array
  readonly cipherSuites: readonly number[]
  readonly compressionMethods: Uint8Array
  /** As they stand; absent when the hello ends before their length. */
  readonly extensions?: readonly Extension[]
}

/**
 * Reads the body of a ClientHello message. Strict about bounds, and about nothing else: a fingerprint is most useful
 * where a client does what it should not.
 * @param body without the 4-byte header; the result has views of it
 * @param isDtls a cookie stands behind the session id
 * @throws AivError `E_MALFORMED`
 */
export function parseClientHello(body: Uint8Array, isDtls = false): ClientHello {
  const reader = new ByteReader(body)
  const version = reader.u16()
  const random = reader.take(RANDOM_BYTES)
  const sessionId = reader.vector8()
  if (sessionId.length > SESSION_ID_MOST) throw new AivError('E_MALFORMED', 'a session id above 32 bytes')
  const cookie = isDtls ? { cookie: reader.vector8() } : {}
  const cipherSuites = u16List(reader.vector16())
  const compressionMethods = reader.vector8()
  const extensions = reader.left === 0 ? {} : { extensions: parseExtensions(reader.vector16()) }
  reader.end()
  return { version, random, sessionId, ...cookie, cipherSuites, compressionMethods, ...extensions }
}

/** @throws AivError `E_MALFORMED` */
export function parseExtensions(bytes: Uint8Array): readonly Extension[] {
  const reader = new ByteReader(bytes)
  const extensions: Extension[] = []
  while (reader.left > 0) extensions.push({ type: reader.u16(), body: reader.vector16() })
  return extensions
}

/** The body that parses to this; parsing and encoding give the same bytes back. */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  const { version, random, sessionId, cookie, cipherSuites, compressionMethods, extensions } = hello
  return concat(
    u16(version),
    random,
    vector8(sessionId),
    ...(cookie === undefined ? [] : [vector8(cookie)]),
    vector16(u16s(cipherSuites)),
    vector8(compressionMethods),
    ...(extensions === undefined ? [] : [vector16(encodeExtensions(extensions))]),
  )
}

export function encodeExtensions(extensions: readonly Extension[]): Uint8Array {
  return concat(...extensions.flatMap(({ type, body }) => [u16(type), vector16(body)]))
}
