/** X25519 (RFC 7748) as packet formats use it: what a peer sent gives a value, never an exception. */
import { nodeProvider } from './node/index.ts'
import type { X25519KeyPair } from './provider.ts'

/** A private key ready for use, from `x25519.fromPrivate` or `x25519.generate`. */
export type X25519PrivateKey = X25519KeyPair

/** The shared secret with 32 bytes of a peer; undefined for low-order points, which must be dropped, and other lengths. */
export function x25519Shared(privateKey: X25519PrivateKey, publicBytes: Uint8Array): Uint8Array | undefined {
  return privateKey.trySharedSecret(publicBytes)
}

/**
 * The public key of a 32-byte scalar, which is clamped.
 * @throws AivError `E_CRYPTO` on another length
 */
export function x25519Public(scalar: Uint8Array): Uint8Array {
  const pair = nodeProvider.x25519.fromPrivate(scalar)
  pair.erase()
  return pair.publicKey
}
