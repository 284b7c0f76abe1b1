/** The key stream of the original ChaCha20 by @noble/ciphers. */
import { chacha20orig } from '@noble/ciphers/chacha.js'
import { CHACHA20_KEY_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'

const NONCE = new Uint8Array(8)

export function chacha20Keystream(key: Uint8Array, length: number): Uint8Array {
  requireLength(key, CHACHA20_KEY_BYTES, 'ChaCha20 key')
  return chacha20orig(key, NONCE, new Uint8Array(length))
}
