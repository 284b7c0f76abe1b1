/** BLAKE2b (RFC 7693) with 32 bytes of output, which node:crypto does not offer. */
import { blake2b } from '@noble/hashes/blake2.js'
import { HASH_BYTES } from './constants.ts'

/** BLAKE2b-256 of the parts in order, as if joined: 32 bytes. */
export function blake2b256(...parts: readonly Uint8Array[]): Uint8Array {
  const state = blake2b.create({ dkLen: HASH_BYTES })
  for (const part of parts) state.update(part)
  return state.digest()
}
