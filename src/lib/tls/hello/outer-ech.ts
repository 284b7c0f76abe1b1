/** The outer form of encrypted_client_hello, as an onlooker sees it (RFC 9849 section 5). */
import { isAivError } from '../../core/index.ts'
import { ByteReader } from './byte-reader.ts'
import type { ClientHello } from './client-hello.ts'
import { EXTENSION, extensionBody } from './extensions.ts'

const OUTER = 0
/** Where the encapsulated key begins: behind type, suite, config id and its length. */
export const ENC_AT = 8
/** HPKE over X25519 sends a key (RFC 9180 section 7.1). */
export const ENC_BYTES = 32

export interface OuterEch {
  /** HPKE identifiers (RFC 9180 section 7). */
  readonly kdf: number
  readonly aead: number
  readonly configId: number
  readonly encBytes: number
  readonly payloadBytes: number
}

/** Undefined when there is none, or when it is not one of an outer hello. */
export function outerEch(hello: ClientHello): OuterEch | undefined {
  const body = extensionBody(hello, EXTENSION.encryptedClientHello)
  if (body === undefined) return undefined
  try {
    const reader = new ByteReader(body)
    if (reader.u8() !== OUTER) return undefined
    const [kdf, aead, configId] = [reader.u16(), reader.u16(), reader.u8()]
    const encBytes = reader.vector16().length
    const payloadBytes = reader.vector16().length
    reader.end()
    return { kdf, aead, configId, encBytes, payloadBytes }
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return undefined
    throw error
  }
}
