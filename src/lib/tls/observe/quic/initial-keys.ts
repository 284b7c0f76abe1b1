/** Keys of Initial packets (RFC 9001 section 5.2, RFC 9369 section 3.3). They hide nothing: anybody can derive them. */
import { EMPTY } from '../../../core/index.ts'
import { AES128_KEY_BYTES, AESGCM_NONCE_BYTES, HASH_BYTES, hkdfExtract } from '../../../crypto/index.ts'
import { hkdfExpandLabel } from '../../schedule/hkdf-expand-label.ts'
import type { QuicVersion } from './constants.ts'

export interface InitialKeys {
  /** 16 bytes, AES-128-GCM. */
  readonly key: Uint8Array
  /** 12 bytes; the nonce is this XOR the packet number. */
  readonly iv: Uint8Array
  /** 16 bytes, AES-128: header protection. */
  readonly hp: Uint8Array
}

/** @param destinationId Destination Connection ID of the client's first Initial packet of the connection attempt */
export function initialKeys(
  version: QuicVersion,
  destinationId: Uint8Array,
  sender: 'client' | 'server',
): InitialKeys {
  const initialSecret = hkdfExtract(destinationId, version.initialSalt)
  const secret = hkdfExpandLabel(initialSecret, `${sender} in`, EMPTY, HASH_BYTES)
  const expand = (name: string, length: number): Uint8Array =>
    hkdfExpandLabel(secret, `${version.labelPrefix} ${name}`, EMPTY, length)
  return {
    key: expand('key', AES128_KEY_BYTES),
    iv: expand('iv', AESGCM_NONCE_BYTES),
    hp: expand('hp', AES128_KEY_BYTES),
  }
}
