/** ChaCha20-Poly1305 (RFC 8439) and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) by @noble/ciphers. */
import { chacha20poly1305 as nobleChacha, xchacha20poly1305 as nobleXchacha } from '@noble/ciphers/chacha.js'
import { concat } from '../../core/index.ts'
import {
  AEAD_KEY_BYTES,
  AEAD_TAG_BYTES,
  CHACHA20POLY1305_NONCE_BYTES,
  XCHACHA20POLY1305_NONCE_BYTES,
} from '../constants.ts'
import { requireLength, requirePartsLength, splitLike } from '../lengths.ts'
import type { Aead, PartsAead } from '../provider.ts'

interface NobleCipher {
  encrypt(plaintext: Uint8Array): Uint8Array
  decrypt(ciphertextAndTag: Uint8Array): Uint8Array
}

/**
 * An AEAD with the checks of this surface over one of the library's constructors; tags of 16 bytes. The library has no
 * incremental form, so parts are joined: correct, and for bulk data too slow anyway.
 */
export function createAead(
  cipher: (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array) => NobleCipher,
  keyBytes: number,
  nonceBytes: number,
): PartsAead {
  const check = (key: Uint8Array, nonce: Uint8Array): void => {
    requireLength(key, keyBytes, 'AEAD key')
    requireLength(nonce, nonceBytes, 'AEAD nonce')
  }
  const aead: PartsAead = {
    nonceBytes,
    seal(key, nonce, aad, plaintext) {
      check(key, nonce)
      return cipher(key, nonce, aad).encrypt(plaintext)
    },
    open(key, nonce, aad, ciphertextAndTag) {
      check(key, nonce)
      if (ciphertextAndTag.length < AEAD_TAG_BYTES) return undefined
      try {
        return cipher(key, nonce, aad).decrypt(ciphertextAndTag)
      } catch {
        return undefined
      }
    },
    sealParts(key, nonce, aad, parts, plaintextLength) {
      requirePartsLength(parts, plaintextLength)
      const sealed = aead.seal(key, nonce, aad, concat(...parts))
      return { ciphertext: splitLike(sealed, parts), tag: sealed.subarray(plaintextLength) }
    },
    openParts(key, nonce, aad, parts, tag, length) {
      requirePartsLength(parts, length)
      if (tag.length !== AEAD_TAG_BYTES) return undefined
      const plaintext = aead.open(key, nonce, aad, concat(...parts, tag))
      return plaintext && splitLike(plaintext, parts)
    },
  }
  return aead
}

export const chacha20poly1305 = createAead(nobleChacha, AEAD_KEY_BYTES, CHACHA20POLY1305_NONCE_BYTES)

export const xchacha20poly1305: Aead = createAead(nobleXchacha, AEAD_KEY_BYTES, XCHACHA20POLY1305_NONCE_BYTES)
