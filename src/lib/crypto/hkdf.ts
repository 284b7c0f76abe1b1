/** HKDF-SHA-256 (RFC 5869) over a provider's HMAC. node:crypto's own form caps `info` at 1,024 bytes. */
import { AivError, EMPTY } from '../core/index.ts'
import { HASH_BYTES, HKDF_MAX_BYTES } from './constants.ts'
import type { CryptoProvider } from './provider.ts'
import { erase } from './secrets.ts'

type Hkdf = Pick<CryptoProvider, 'hkdf' | 'hkdfExtract' | 'hkdfExpand'>

export function createHkdf(hmac: CryptoProvider['hmac']): Hkdf {
  const hkdfExtract = (ikm: Uint8Array, salt: Uint8Array): Uint8Array => hmac('sha256', salt, ikm)

  const hkdfExpand = (pseudorandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array => {
    if (!Number.isSafeInteger(length) || length < 0 || length > HKDF_MAX_BYTES)
      throw new AivError('E_CRYPTO', `HKDF output length is not within 0..${HKDF_MAX_BYTES}`)
    const out = new Uint8Array(length)
    let previous = EMPTY
    for (let at = 0, counter = 1; at < length; at += HASH_BYTES, counter++) {
      const block = hmac('sha256', pseudorandomKey, previous, info, Uint8Array.of(counter))
      erase(previous)
      out.set(block.subarray(0, Math.min(HASH_BYTES, length - at)), at)
      previous = block
    }
    erase(previous)
    return out
  }

  return {
    hkdfExtract,
    hkdfExpand,
    hkdf(ikm, salt, info, length) {
      const pseudorandomKey = hkdfExtract(ikm, salt)
      const out = hkdfExpand(pseudorandomKey, info, length)
      erase(pseudorandomKey)
      return out
    },
  }
}
