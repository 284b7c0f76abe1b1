/**
 * AEADs by node:crypto, in one piece and in parts.
 *
 * The hot path of every session. A call costs about 4 us before the first byte is enciphered, and each `update`
 * about 1.2 us whatever its length. Raw keys and KeyObjects cost the same, and raw keys can be erased.
 */
import {
  type CipherChaCha20Poly1305Types,
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
} from 'node:crypto'
import { concat } from '../../core/index.ts'
import { AEAD_TAG_BYTES } from '../constants.ts'
import { requireLength, requirePartsLength, splitLike } from '../lengths.ts'
import type { PartsAead } from '../provider.ts'
import { erase } from '../secrets.ts'
import { plain } from './bytes.ts'

const OPTIONS = { authTagLength: AEAD_TAG_BYTES } as const

/** Up to this many bytes, joining parts is cheaper than one `update` for each. */
const JOIN_BYTES = 4096

function shouldJoin(parts: readonly Uint8Array[], length: number): boolean {
  return parts.length > 1 && length <= JOIN_BYTES
}

/** @param name for errors */
export function nodeAead(
  algorithm: CipherGCMTypes | CipherChaCha20Poly1305Types,
  name: string,
  keyBytes: number,
  nonceBytes: number,
): PartsAead {
  const checkKeyAndNonce = (key: Uint8Array, nonce: Uint8Array): void => {
    requireLength(key, keyBytes, `${name} key`)
    requireLength(nonce, nonceBytes, `${name} nonce`)
  }
  // The types know two families of algorithms; their options are the same.
  const newCipher = (key: Uint8Array, nonce: Uint8Array) =>
    createCipheriv(algorithm as CipherGCMTypes, key, nonce, OPTIONS)
  const newDecipher = (key: Uint8Array, nonce: Uint8Array) =>
    createDecipheriv(algorithm as CipherGCMTypes, key, nonce, OPTIONS)
  const aead: PartsAead = {
    nonceBytes,

    seal(key, nonce, aad, plaintext) {
      const { ciphertext, tag } = aead.sealParts(key, nonce, aad, [plaintext], plaintext.length)
      return concat(...ciphertext, tag)
    },

    open(key, nonce, aad, ciphertextAndTag) {
      checkKeyAndNonce(key, nonce)
      const length = ciphertextAndTag.length - AEAD_TAG_BYTES
      if (length < 0) return undefined
      const parts = [ciphertextAndTag.subarray(0, length)]
      return aead.openParts(key, nonce, aad, parts, ciphertextAndTag.subarray(length), length)?.[0]
    },

    sealParts(key, nonce, aad, parts, plaintextLength) {
      checkKeyAndNonce(key, nonce)
      requirePartsLength(parts, plaintextLength)
      const cipher = newCipher(key, nonce)
      cipher.setAAD(aad)
      const ciphertext = shouldJoin(parts, plaintextLength)
        ? splitLike(plain(cipher.update(concat(...parts))), parts)
        : parts.map((part) => plain(cipher.update(part)))
      cipher.final()
      return { ciphertext, tag: plain(cipher.getAuthTag()) }
    },

    openParts(key, nonce, aad, parts, tag, length) {
      checkKeyAndNonce(key, nonce)
      requirePartsLength(parts, length)
      if (tag.length !== AEAD_TAG_BYTES) return undefined
      const decipher = newDecipher(key, nonce)
      decipher.setAAD(aad)
      decipher.setAuthTag(tag)
      const plaintext = shouldJoin(parts, length)
        ? splitLike(plain(decipher.update(concat(...parts))), parts)
        : parts.map((part) => plain(decipher.update(part)))
      try {
        decipher.final()
      } catch {
        // What a forger made us decrypt stays in nobody's hands.
        erase(...plaintext)
        return undefined
      }
      return plaintext
    },
  }
  return aead
}
