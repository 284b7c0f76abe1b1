/**
 * AES (FIPS 197) by node:crypto: GCM (NIST SP 800-38D) with 12-byte nonces, the bare block of AES-128, and the key stream of
 * AES-256.
 */
import { createCipheriv } from 'node:crypto'
import { AES_BLOCK_BYTES, AES128_KEY_BYTES, AES256_KEY_BYTES, AESGCM_NONCE_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'
import { nodeAead } from './aead.ts'
import { plain } from './bytes.ts'

export const aes128gcm = nodeAead('aes-128-gcm', 'AES-GCM', AES128_KEY_BYTES, AESGCM_NONCE_BYTES)
export const aes256gcm = nodeAead('aes-256-gcm', 'AES-GCM', AES256_KEY_BYTES, AESGCM_NONCE_BYTES)

export function aes128EncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  requireLength(key, AES128_KEY_BYTES, 'AES-128 key')
  requireLength(block, AES_BLOCK_BYTES, 'AES block')
  return plain(createCipheriv('aes-128-ecb', key, null).setAutoPadding(false).update(block))
}

export function aes256Ctr(key: Uint8Array, iv: Uint8Array, length: number): Uint8Array {
  requireLength(key, AES256_KEY_BYTES, 'AES-256 key')
  requireLength(iv, AES_BLOCK_BYTES, 'AES counter block')
  return plain(createCipheriv('aes-256-ctr', key, iv).update(new Uint8Array(length)))
}
