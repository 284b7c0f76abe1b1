/** The Noise Protocol Framework: X25519 with optional ML-KEM-768, ChaCha20-Poly1305, SHA-256 or BLAKE2s. */
export { CipherState } from './cipher-state.ts'
export { MAX_MESSAGE_BYTES } from './constants.ts'
export { createHandshake } from './handshake.ts'
export type { Handshake, HandshakeOptions, Role } from './options.ts'
export { type NoiseProtocol, parseProtocol } from './protocol.ts'
export type { SplitKeys } from './symmetric-state.ts'
