/** The key stream of the original ChaCha20 by node:crypto. */
import { createCipheriv } from 'node:crypto'
import { CHACHA20_KEY_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'
import { plain } from './bytes.ts'

/** OpenSSL takes counter and nonce together: all zero, both readings of them are the same stream up to 2^32 blocks. */
const COUNTER_AND_NONCE = new Uint8Array(16)

export function chacha20Keystream(key: Uint8Array, length: number): Uint8Array {
  requireLength(key, CHACHA20_KEY_BYTES, 'ChaCha20 key')
  return plain(createCipheriv('chacha20', key, COUNTER_AND_NONCE).update(new Uint8Array(length)))
}
