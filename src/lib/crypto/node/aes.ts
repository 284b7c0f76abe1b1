/** AES (FIPS 197) by node:crypto: GCM (NIST SP 800-38D) with 12-byte nonces, and the bare block of AES-128. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { concat } from '../../core/index.ts'
import {
  AEAD_TAG_BYTES,
  AES_BLOCK_BYTES,
  AES128_KEY_BYTES,
  AES256_KEY_BYTES,
  AESGCM_NONCE_BYTES,
} from '../constants.ts'
import { requireLength } from '../lengths.ts'
import type { Aead } from '../provider.ts'
import { erase } from '../secrets.ts'
import { plain } from './bytes.ts'

const OPTIONS = { authTagLength: AEAD_TAG_BYTES } as const

function aesGcm(algorithm: 'aes-128-gcm' | 'aes-256-gcm', keyBytes: number): Aead {
  const checkKeyAndNonce = (key: Uint8Array, nonce: Uint8Array): void => {
    requireLength(key, keyBytes, 'AES key')
    requireLength(nonce, AESGCM_NONCE_BYTES, 'AES-GCM nonce')
  }
  return {
    nonceBytes: AESGCM_NONCE_BYTES,

    seal(key, nonce, aad, plaintext) {
      checkKeyAndNonce(key, nonce)
      const cipher = createCipheriv(algorithm, key, nonce, OPTIONS)
      cipher.setAAD(aad)
      const ciphertext = cipher.update(plaintext)
      cipher.final()
      return concat(ciphertext, cipher.getAuthTag())
    },

    open(key, nonce, aad, ciphertextAndTag) {
      checkKeyAndNonce(key, nonce)
      const length = ciphertextAndTag.length - AEAD_TAG_BYTES
      if (length < 0) return undefined
      const decipher = createDecipheriv(algorithm, key, nonce, OPTIONS)
      decipher.setAAD(aad)
      decipher.setAuthTag(ciphertextAndTag.subarray(length))
      const plaintext = plain(decipher.update(ciphertextAndTag.subarray(0, length)))
      try {
        decipher.final()
      } catch {
        // What a forger made us decrypt stays in nobody's hands.
        erase(plaintext)
        return undefined
      }
      return plaintext
    },
  }
}

export const aes128gcm = aesGcm('aes-128-gcm', AES128_KEY_BYTES)
export const aes256gcm = aesGcm('aes-256-gcm', AES256_KEY_BYTES)

export function aes128EncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  requireLength(key, AES128_KEY_BYTES, 'AES-128 key')
  requireLength(block, AES_BLOCK_BYTES, 'AES block')
  return plain(createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block))
}
