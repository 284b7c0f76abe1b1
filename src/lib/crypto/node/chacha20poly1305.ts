/** ChaCha20-Poly1305 (RFC 8439) by node:crypto. */
import { AEAD_KEY_BYTES, CHACHA20POLY1305_NONCE_BYTES } from '../constants.ts'
import { nodeAead } from './aead.ts'

export const chacha20poly1305 = nodeAead(
  'chacha20-poly1305',
  'ChaCha20-Poly1305',
  AEAD_KEY_BYTES,
  CHACHA20POLY1305_NONCE_BYTES,
)
