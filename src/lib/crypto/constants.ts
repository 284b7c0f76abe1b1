/** Sizes of the primitives, in bytes. */

/** X25519 private keys, public keys and shared secrets (RFC 7748 section 5). */
export const X25519_BYTES = 32
/** Ed25519 seeds and public keys (RFC 8032 section 5.1.5). */
export const ED25519_BYTES = 32
/** Ed25519 signatures (RFC 8032 section 5.1.6). */
export const ED25519_SIGNATURE_BYTES = 64
/** ML-KEM-768 (FIPS 203 table 3); the seed is `d || z`. */
export const MLKEM768_SEED_BYTES = 64
export const MLKEM768_ENCAPSULATION_KEY_BYTES = 1184
export const MLKEM768_CIPHERTEXT_BYTES = 1088
export const MLKEM768_SHARED_SECRET_BYTES = 32
/** Encapsulation randomness `m` (FIPS 203 algorithm 17). */
export const MLKEM768_MESSAGE_BYTES = 32
/** ChaCha20-Poly1305 (RFC 8439 section 2.8) and its extended-nonce form (draft-irtf-cfrg-xchacha-03). */
export const AEAD_KEY_BYTES = 32
export const AEAD_TAG_BYTES = 16
export const CHACHA20POLY1305_NONCE_BYTES = 12
export const XCHACHA20POLY1305_NONCE_BYTES = 24
/** ChaCha20 (cr.yp.to/chacha). */
export const CHACHA20_KEY_BYTES = 32
/** AES (FIPS 197), and the one nonce length of AES-GCM here (NIST SP 800-38D section 8.2). */
export const AES128_KEY_BYTES = 16
export const AES256_KEY_BYTES = 32
export const AES_BLOCK_BYTES = 16
export const AESGCM_NONCE_BYTES = 12
/** Digest of SHA-256 and BLAKE2s. */
export const HASH_BYTES = 32
export const SHA384_BYTES = 48
export const SHA512_BYTES = 64
/** Most output of HKDF, in digests (RFC 5869 section 2.3). */
export const HKDF_MAX_BLOCKS = 255
