/** The outer hello (RFC 9849 section 5): its extension, and what binds the inner one to it. */
import { AivError } from '../../core/index.ts'
import { ByteReader } from '../hello/byte-reader.ts'
import { type ClientHello, parseClientHello } from '../hello/client-hello.ts'
import { EXTENSION } from '../hello/extensions.ts'
import { ECH_OUTER } from './constants.ts'
import type { HpkeSymmetricSuite } from './ech-config.ts'

export interface OuterHello {
  readonly hello: ClientHello
  readonly suite: HpkeSymmetricSuite
  readonly configId: number
  /** Empty in the second hello after a HelloRetryRequest. */
  readonly enc: Uint8Array
  readonly payload: Uint8Array
  /** ClientHelloOuterAAD: the body with a payload of zeros. */
  readonly aad: Uint8Array
}

/**
 * @param body of the outer hello, without the 4-byte header
 * @throws AivError `E_MALFORMED`, also for a hello without ECH, or with that of an inner hello
 */
export function parseOuterHello(body: Uint8Array): OuterHello {
  const hello = parseClientHello(body)
  const found = (hello.extensions ?? []).filter(({ type }) => type === EXTENSION.encryptedClientHello)
  const [extension] = found
  if (extension === undefined || found.length > 1)
    throw new AivError('E_MALFORMED', `the hello has ${found.length} encrypted_client_hello extensions`)
  const reader = new ByteReader(extension.body)
  if (reader.u8() !== ECH_OUTER)
    throw new AivError('E_MALFORMED', 'the encrypted_client_hello is not that of an outer hello')
  const suite = { kdf: reader.u16(), aead: reader.u16() }
  const configId = reader.u8()
  const enc = reader.vector16()
  const payload = reader.vector16()
  reader.end()
  if (payload.length === 0) throw new AivError('E_MALFORMED', 'the encrypted_client_hello has no payload')
  return { hello, suite, configId, enc, payload, aad: withZeroed(body, payload) }
}

/** @param part a view of `body` */
function withZeroed(body: Uint8Array, part: Uint8Array): Uint8Array {
  const at = part.byteOffset - body.byteOffset
  return body.slice().fill(0, at, at + part.length)
}
