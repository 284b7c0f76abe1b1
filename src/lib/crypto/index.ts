/**
 * Cryptographic primitives. The plain exports are the node provider's; `loadNobleProvider` gives the second,
 * independent one with the same surface.
 */
import { nodeProvider } from './node/index.ts'
import type { CryptoProvider } from './provider.ts'
import type { Pvss } from './pvss/surface.ts'

export {
  AEZ_KEY_BYTES,
  AEZ_MIN_BYTES,
  AEZ_NONCE_BYTES,
  aez5Decrypt,
  aez5DecryptInPlace,
  aez5Encrypt,
  aez5EncryptInPlace,
} from './aez/aez.ts'
export * from './constants.ts'
export { type EcdsaP256KeyPair, generateEcdsaP256 } from './ecdsa-p256.ts'
export {
  HPKE_AEAD,
  HPKE_KDF,
  HPKE_KEM,
  type HpkeAead,
  type HpkeRecipient,
  type HpkeSender,
  hpkeRecipient,
  hpkeSender,
} from './hpke.ts'
export { KEM_PRFS, type KemPrf, kemSecret } from './kem-secret.ts'
export { md5 } from './md5.ts'
export * from './onion/surface.ts'
export * from './provider.ts'
export * from './pvss/surface.ts'
export { systemRandom } from './random.ts'
export { constantTimeEqual, erase } from './secrets.ts'
export { sha1 } from './sha1.ts'
export { SIPHASH_KEY_BYTES, SipHash24 } from './siphash.ts'
export * from './vrf/surface.ts'
export {
  type SignatureAlgorithm,
  type SignatureHash,
  verifySignature,
} from './x509/verify-signature.ts'
export { importVerifyingKey, type KeyKind, type VerifyingKey } from './x509/verifying-key.ts'
export { type X25519PrivateKey, x25519Public, x25519Shared } from './x25519.ts'
export { nodeProvider }

/** Loads the portable provider. It is asynchronous so that programs which never need it do not pay for it. */
export async function loadNobleProvider(): Promise<CryptoProvider> {
  return (await import('./noble/index.ts')).nobleProvider
}

/** Loads publicly verifiable secret sharing with its curve. */
export async function loadPvss(): Promise<Pvss> {
  return (await import('./pvss/pvss.ts')).pvss
}

export const {
  sha256,
  sha384,
  sha512,
  sha512t256,
  blake2s,
  blake2b256,
  createSha256,
  createSha384,
  hmac,
  hkdf,
  hkdfExtract,
  hkdfExpand,
  x25519,
  p256,
  p384,
  ed25519,
  mlkem768,
  chacha20poly1305,
  xchacha20poly1305,
  aes128gcm,
  aes256gcm,
  aes128EncryptBlock,
  aes256Ctr,
  chacha20Keystream,
  scrypt,
  argon2id,
} = nodeProvider
