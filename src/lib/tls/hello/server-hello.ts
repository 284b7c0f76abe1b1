/** ServerHello, as far as its fingerprint goes (RFC 8446 section 4.1.3). */
import { equal, fromHex } from '../../core/index.ts'
import { ByteReader } from './byte-reader.ts'
import { type Extension, parseExtensions } from './client-hello.ts'

/** A ServerHello with this random is a HelloRetryRequest (RFC 8446 section 4.1.3). */
const RETRY_RANDOM = fromHex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c')

/** @param random of a ServerHello */
export function isRetryRandom(random: Uint8Array): boolean {
  return equal(random, RETRY_RANDOM)
}

export interface ServerHello {
  /** `legacy_version`. */
  readonly version: number
  readonly cipherSuite: number
  readonly extensions?: readonly Extension[]
}

/**
 * @param body without the 4-byte header
 * @throws AivError `E_MALFORMED`
 */
export function parseServerHello(body: Uint8Array): ServerHello {
  const reader = new ByteReader(body)
  const version = reader.u16()
  reader.take(32)
  reader.vector8()
  const cipherSuite = reader.u16()
  reader.u8()
  const extensions = reader.left === 0 ? {} : { extensions: parseExtensions(reader.vector16()) }
  reader.end()
  return { version, cipherSuite, ...extensions }
}
