/**
 * XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) on node:crypto: HChaCha20 makes a subkey from the first 16 bytes
 * of the nonce, and RFC 8439 does the rest.
 */
import { createCipheriv } from 'node:crypto'
import { concat } from '../../core/index.ts'
import { AEAD_KEY_BYTES, CHACHA20POLY1305_NONCE_BYTES, XCHACHA20POLY1305_NONCE_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'
import type { Aead } from '../provider.ts'
import { erase } from '../secrets.ts'
import { plain } from './bytes.ts'
import { chacha20poly1305 } from './chacha20poly1305.ts'

const HCHACHA20_INPUT_BYTES = 16
const WORD_BYTES = 4
/** "expand 32-byte k" as four little-endian words. */
const SIGMA = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const

/**
 * HChaCha20 is the ChaCha20 block function without its final addition. OpenSSL gives blocks only with that addition,
 * so words 0..3 (constants) and 12..15 (input) are subtracted again.
 */
function hchacha20(key: Uint8Array, input: Uint8Array): Uint8Array {
  const block = plain(createCipheriv('chacha20', key, input).update(new Uint8Array(64)))
  const blockView = new DataView(block.buffer, block.byteOffset)
  const inputView = new DataView(input.buffer, input.byteOffset)
  const out = new Uint8Array(AEAD_KEY_BYTES)
  const outView = new DataView(out.buffer)
  for (const [i, constant] of SIGMA.entries()) {
    const at = i * WORD_BYTES
    outView.setUint32(at, blockView.getUint32(at, true) - constant, true)
    outView.setUint32(16 + at, blockView.getUint32(48 + at, true) - inputView.getUint32(at, true), true)
  }
  erase(block)
  return out
}

function withSubkey<T>(
  key: Uint8Array,
  nonce: Uint8Array,
  use: (subkey: Uint8Array, shortNonce: Uint8Array) => T,
): T {
  requireLength(key, AEAD_KEY_BYTES, 'AEAD key')
  requireLength(nonce, XCHACHA20POLY1305_NONCE_BYTES, 'XChaCha20-Poly1305 nonce')
  const subkey = hchacha20(key, nonce.subarray(0, HCHACHA20_INPUT_BYTES))
  const prefix = new Uint8Array(CHACHA20POLY1305_NONCE_BYTES + HCHACHA20_INPUT_BYTES - nonce.length)
  const result = use(subkey, concat(prefix, nonce.subarray(HCHACHA20_INPUT_BYTES)))
  erase(subkey)
  return result
}

export const xchacha20poly1305: Aead = {
  nonceBytes: XCHACHA20POLY1305_NONCE_BYTES,
  seal: (key, nonce, aad, plaintext) =>
    withSubkey(key, nonce, (subkey, shortNonce) => chacha20poly1305.seal(subkey, shortNonce, aad, plaintext)),
  open: (key, nonce, aad, ciphertextAndTag) =>
    withSubkey(key, nonce, (subkey, shortNonce) =>
      chacha20poly1305.open(subkey, shortNonce, aad, ciphertextAndTag),
    ),
}
