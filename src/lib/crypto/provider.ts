/**
 * The one surface of the cryptographic primitives. Two independent implementations stand behind it, `node`
 * (OpenSSL, fast) and `noble` (audited TypeScript, deterministic where vectors need it), and a test holds them equal.
 *
 * Wrong lengths and refused inputs are `E_CRYPTO`; a failed tag or signature is a value (`undefined`, `false`),
 * because it is an ordinary outcome that callers decide about.
 */
import type { RandomSource } from '../core/index.ts'

export type HmacHash = 'sha256' | 'sha384' | 'blake2s'

/** Hashes that HKDF is used with. */
export type HkdfHash = 'sha256' | 'sha384'

/** Incremental SHA-256 or SHA-384 (FIPS 180-4), for data that comes in chunks. */
export interface IncrementalHash {
  update(bytes: Uint8Array): this
  /** The digest. Ends the state: neither `update`, `digest` nor `copy` may follow. */
  digest(): Uint8Array
  /** An independent state that has absorbed the same bytes. */
  copy(): IncrementalHash
}

/** X25519 key pair (RFC 7748). */
export interface X25519KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /**
   * Diffie-Hellman with a peer's 32-byte public key.
   * @throws AivError `E_CRYPTO` on an all-zero result (a low-order point, RFC 7748 section 6.1), a wrong length, or after `erase`
   */
  sharedSecret(remotePublic: Uint8Array): Uint8Array
  /**
   * As `sharedSecret`, for keys that come in packets: undefined for a low-order point and for a wrong length. Any 32 bytes are
   * taken, as RFC 7748 section 5 asks.
   * @throws AivError `E_CRYPTO` after `erase` only
   */
  trySharedSecret(remotePublic: Uint8Array): Uint8Array | undefined
  /** A copy of the 32 private bytes as they were given, unclamped. */
  exportPrivate(): Uint8Array
  /** Overwrites the private bytes and lets go of the key; every later use of the private key throws. */
  erase(): void
}

export interface X25519 {
  generate(random?: RandomSource): X25519KeyPair
  /** @param privateKey 32 bytes, copied; clamped at use */
  fromPrivate(privateKey: Uint8Array): X25519KeyPair
  /**
   * Multiplies a point by a scalar that is used once (a blinding factor); the scalar is clamped.
   * @param scalar 32 bytes
   * @param u 32 bytes; undefined is the answer for a low-order point and for a wrong length
   * @throws AivError `E_CRYPTO` on a scalar of another length
   */
  multiply(scalar: Uint8Array, u: Uint8Array): Uint8Array | undefined
}

/** ECDH key pair on P-256 or P-384 (SEC 1 version 2, FIPS 186-5). */
export interface EcdhKeyPair {
  /** 65 or 97 bytes: 0x04 and both coordinates, as TLS sends it (RFC 8446 section 4.2.8.2). */
  readonly publicKey: Uint8Array
  /**
   * The x coordinate of the shared point, 32 or 48 bytes.
   * @throws AivError `E_CRYPTO` when the peer's bytes are no uncompressed point of the curve, or after `erase`
   */
  sharedSecret(remotePublic: Uint8Array): Uint8Array
  /** Lets go of the private key; every later use of it throws. */
  erase(): void
}

export interface Ecdh {
  generate(random?: RandomSource): EcdhKeyPair
  /**
   * @param privateKey 32 or 48 bytes, copied
   * @throws AivError `E_CRYPTO` unless it is from 1 to below the order of the curve
   */
  fromPrivate(privateKey: Uint8Array): EcdhKeyPair
}

/** Ed25519 key pair (RFC 8032). */
export interface Ed25519KeyPair {
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  /** 64-byte deterministic signature over `message`. */
  sign(message: Uint8Array): Uint8Array
  /** A copy of the 32-byte seed. */
  exportSeed(): Uint8Array
  /** Overwrites the seed and lets go of the key; every later use of it throws. */
  erase(): void
}

export interface Ed25519 {
  generate(random?: RandomSource): Ed25519KeyPair
  /** @param seed 32 bytes, copied */
  fromSeed(seed: Uint8Array): Ed25519KeyPair
  /**
   * Verifies strictly: `S < L`, `A` and `R` canonical and not of small order, and the equation without cofactor
   * (RFC 8032 section 5.1.7). Anything else, wrong lengths included, is false.
   */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
}

/** ML-KEM-768 key pair (FIPS 203). */
export interface MlKem768KeyPair {
  /** 1,184 bytes. */
  readonly encapsulationKey: Uint8Array
  /**
   * The 32-byte shared secret of a 1,088-byte ciphertext. A forged ciphertext gives a pseudorandom secret, never
   * an error (implicit rejection).
   * @throws AivError `E_CRYPTO` on a wrong length or after `erase`
   */
  decapsulate(ciphertext: Uint8Array): Uint8Array
  /** A copy of the 64-byte seed `d || z`. */
  exportSeed(): Uint8Array
  /** Overwrites what this object holds of the key; every later use of the secret throws. */
  erase(): void
}

export interface Encapsulation {
  /** 1,088 bytes. */
  readonly ciphertext: Uint8Array
  /** 32 bytes. */
  readonly sharedSecret: Uint8Array
}

export interface MlKem768 {
  /** True where `encapsulate` takes the randomness `m`. */
  readonly deterministic: boolean
  /** @param seed 64 bytes `d || z`; the system random source when absent */
  generate(seed?: Uint8Array): MlKem768KeyPair
  /**
   * Encapsulates to a 1,184-byte key, which must pass the modulus check (FIPS 203 section 7.2).
   * @param m 32 bytes of encapsulation randomness, for vectors only
   * @throws AivError `E_CRYPTO` on a bad key, `E_UNSUPPORTED` when `m` is given and `deterministic` is false
   */
  encapsulate(encapsulationKey: Uint8Array, m?: Uint8Array): Encapsulation
}

export interface SealedParts {
  /** One ciphertext per plaintext part, same lengths. */
  readonly ciphertext: Uint8Array[]
  /** 16 bytes. */
  readonly tag: Uint8Array
}

/**
 * Authenticated encryption. Keys are 32 raw bytes (16 for AES-128-GCM), tags 16. A (key, nonce) pair seals once: the caller owns the
 * nonce rule and states it beside its code.
 */
export interface Aead {
  readonly nonceBytes: number
  /** Ciphertext and tag in one new array. */
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** The plaintext, or undefined when the tag does not verify or is missing. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertextAndTag: Uint8Array,
  ): Uint8Array | undefined
}

/** An AEAD that also takes its input in parts, so that frames need not be joined. */
export interface PartsAead extends Aead {
  /** @param plaintextLength sum of the lengths of `parts`; checked, so that a header can never disagree with its body */
  sealParts(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    parts: readonly Uint8Array[],
    plaintextLength: number,
  ): SealedParts
  /**
   * One plaintext per ciphertext part, or undefined when the tag does not verify. Nothing decrypted leaves before
   * the tag of the whole has verified.
   */
  openParts(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    parts: readonly Uint8Array[],
    tag: Uint8Array,
    length: number,
  ): Uint8Array[] | undefined
}

/** scrypt (RFC 7914). Memory is about `128 * N * r` bytes. */
export interface ScryptParameters {
  /** CPU and memory cost, a power of two above 1. */
  readonly N: number
  /** Block size. */
  readonly r: number
  /** Parallelization. */
  readonly p: number
  /** Output bytes. */
  readonly length: number
}

/** Argon2id version 0x13 (RFC 9106). */
export interface Argon2idParameters {
  readonly memoryKiB: number
  readonly passes: number
  /** Lanes. */
  readonly parallelism: number
  /** Output bytes. */
  readonly length: number
  readonly secret?: Uint8Array
  readonly associatedData?: Uint8Array
}

export interface CryptoProvider {
  readonly name: 'node' | 'noble'

  /** Digests of the parts in order, as if joined. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array
  sha384(...parts: readonly Uint8Array[]): Uint8Array
  sha512(...parts: readonly Uint8Array[]): Uint8Array
  /** SHA-512/256 (FIPS 180-4): 32 bytes. */
  sha512t256(...parts: readonly Uint8Array[]): Uint8Array
  /** BLAKE2s with 32 bytes of output, no key (RFC 7693). */
  blake2s(...parts: readonly Uint8Array[]): Uint8Array
  /** BLAKE2b with 32 bytes of output, no key (RFC 7693). */
  blake2b256(...parts: readonly Uint8Array[]): Uint8Array
  createSha256(): IncrementalHash
  createSha384(): IncrementalHash
  /** HMAC (RFC 2104) over the parts in order; as long as the digest. */
  hmac(hash: HmacHash, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array

  /**
   * HKDF, extract and expand (RFC 5869), with SHA-256 unless said otherwise; an empty `salt` means as many zero bytes as the
   * digest has. `length` from 0 to 255 digests.
   */
  hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number, hash?: HkdfHash): Uint8Array
  hkdfExtract(ikm: Uint8Array, salt: Uint8Array, hash?: HkdfHash): Uint8Array
  hkdfExpand(pseudorandomKey: Uint8Array, info: Uint8Array, length: number, hash?: HkdfHash): Uint8Array

  readonly x25519: X25519
  readonly p256: Ecdh
  readonly p384: Ecdh
  readonly ed25519: Ed25519
  readonly mlkem768: MlKem768
  readonly chacha20poly1305: PartsAead
  readonly xchacha20poly1305: Aead
  readonly aes128gcm: PartsAead
  readonly aes256gcm: PartsAead
  /**
   * One 16-byte block under AES-128 (FIPS 197), for the header protection of RFC 9001 section 5.4.3. No cipher mode: equal
   * blocks give equal output.
   * @param key 16 bytes
   */
  aes128EncryptBlock(key: Uint8Array, block: Uint8Array): Uint8Array
  /**
   * Key stream of AES-256 in counter mode (NIST SP 800-38A), 128-bit big-endian counter.
   * @param key 32 bytes, for one stream
   * @param iv 16 bytes, the first counter block
   */
  aes256Ctr(key: Uint8Array, iv: Uint8Array, length: number): Uint8Array
  /**
   * Key stream of the original ChaCha20 (cr.yp.to/chacha), 8-byte zero nonce, counter from 0: one key makes one stream.
   * @param key 32 bytes
   */
  chacha20Keystream(key: Uint8Array, length: number): Uint8Array

  /**
   * Passphrase hashing, off the event loop where the platform can.
   * @throws AivError `E_CRYPTO` on parameters outside the standard, `E_TOO_LARGE` on ones that would exhaust the machine
   */
  scrypt(passphrase: Uint8Array, salt: Uint8Array, parameters: ScryptParameters): Promise<Uint8Array>
  argon2id(passphrase: Uint8Array, salt: Uint8Array, parameters: Argon2idParameters): Promise<Uint8Array>
}
