/** AES-128 (FIPS 197) by node:crypto: GCM (NIST SP 800-38D) with 12-byte nonces, and the bare block. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { concat } from '../../core/index.ts'
import { AEAD_TAG_BYTES, AES_BLOCK_BYTES, AES128_KEY_BYTES, AES128GCM_NONCE_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'
import type { Aead } from '../provider.ts'
import { erase } from '../secrets.ts'
import { plain } from './bytes.ts'

const ALGORITHM = 'aes-128-gcm'
const OPTIONS = { authTagLength: AEAD_TAG_BYTES } as const

function checkKeyAndNonce(key: Uint8Array, nonce: Uint8Array): void {
  requireLength(key, AES128_KEY_BYTES, 'AES-128 key')
  requireLength(nonce, AES128GCM_NONCE_BYTES, 'AES-128-GCM nonce')
}

export const aes128gcm: Aead = {
  nonceBytes: AES128GCM_NONCE_BYTES,

  seal(key, nonce, aad, plaintext) {
    checkKeyAndNonce(key, nonce)
    const cipher = createCipheriv(ALGORITHM, key, nonce, OPTIONS)
    cipher.setAAD(aad)
    const ciphertext = cipher.update(plaintext)
    cipher.final()
    return concat(ciphertext, cipher.getAuthTag())
  },

  open(key, nonce, aad, ciphertextAndTag) {
    checkKeyAndNonce(key, nonce)
    const length = ciphertextAndTag.length - AEAD_TAG_BYTES
    if (length < 0) return undefined
    const decipher = createDecipheriv(ALGORITHM, key, nonce, OPTIONS)
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

export function aes128EncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  requireLength(key, AES128_KEY_BYTES, 'AES-128 key')
  requireLength(block, AES_BLOCK_BYTES, 'AES block')
  return plain(createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block))
}
