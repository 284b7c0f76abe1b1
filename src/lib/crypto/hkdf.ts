/** HKDF (RFC 5869) over a provider's HMAC. node:crypto's own form caps `info` at 1,024 bytes. */
import { AivError, EMPTY } from '../core/index.ts'
import { HASH_BYTES, HKDF_MAX_BLOCKS, SHA384_BYTES } from './constants.ts'
import type { CryptoProvider } from './provider.ts'
import { erase } from './secrets.ts'

const DIGEST_BYTES = { sha256: HASH_BYTES, sha384: SHA384_BYTES } as const

type Hkdf = Pick<CryptoProvider, 'hkdf' | 'hkdfExtract' | 'hkdfExpand'>

export function createHkdf(hmac: CryptoProvider['hmac']): Hkdf {
  const hkdfExtract: Hkdf['hkdfExtract'] = (ikm, salt, hash = 'sha256') => hmac(hash, salt, ikm)

  const hkdfExpand: Hkdf['hkdfExpand'] = (pseudorandomKey, info, length, hash = 'sha256') => {
    const digestBytes = DIGEST_BYTES[hash]
    const most = HKDF_MAX_BLOCKS * digestBytes
    if (!Number.isSafeInteger(length) || length < 0 || length > most)
      throw new AivError('E_CRYPTO', `HKDF output length is not within 0..${most}`)
    const out = new Uint8Array(length)
    let previous = EMPTY
    for (let at = 0, counter = 1; at < length; at += digestBytes, counter++) {
      const block = hmac(hash, pseudorandomKey, previous, info, Uint8Array.of(counter))
      erase(previous)
      out.set(block.subarray(0, Math.min(digestBytes, length - at)), at)
      previous = block
    }
    erase(previous)
    return out
  }

  return {
    hkdfExtract,
    hkdfExpand,
    hkdf(ikm, salt, info, length, hash) {
      const pseudorandomKey = hkdfExtract(ikm, salt, hash)
      const out = hkdfExpand(pseudorandomKey, info, length, hash)
      erase(pseudorandomKey)
      return out
    },
  }
}
