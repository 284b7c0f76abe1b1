/**
 * AES (FIPS 197) by @noble/ciphers: GCM (NIST SP 800-38D) with 12-byte nonces, the bare block of AES-128, and the key stream of
 * AES-256.
 */
import { ctr, ecb, gcm } from '@noble/ciphers/aes.js'
import { AES_BLOCK_BYTES, AES128_KEY_BYTES, AES256_KEY_BYTES, AESGCM_NONCE_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'
import { createAead } from './aead.ts'

export const aes128gcm = createAead(gcm, AES128_KEY_BYTES, AESGCM_NONCE_BYTES)
export const aes256gcm = createAead(gcm, AES256_KEY_BYTES, AESGCM_NONCE_BYTES)

export function aes128EncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array {
  requireLength(key, AES128_KEY_BYTES, 'AES-128 key')
  requireLength(block, AES_BLOCK_BYTES, 'AES block')
  return ecb(key, { disablePadding: true }).encrypt(block)
}

export function aes256Ctr(key: Uint8Array, iv: Uint8Array, length: number): Uint8Array {
  requireLength(key, AES256_KEY_BYTES, 'AES-256 key')
  requireLength(iv, AES_BLOCK_BYTES, 'AES counter block')
  return ctr(key, iv).encrypt(new Uint8Array(length))
}
