/** A node's Sphinx key of one key epoch. It is never the node's Noise or signing key. */
import type { RandomSource } from '../core/index.ts'
import { systemRandom, type X25519PrivateKey, x25519, x25519Shared } from '../crypto/index.ts'

export class MixKey {
  /** 32 bytes, published in the node's descriptor. */
  readonly publicKey: Uint8Array
  readonly #key: X25519PrivateKey

  private constructor(key: X25519PrivateKey) {
    this.#key = key
    this.publicKey = key.publicKey
  }

  static generate(random: RandomSource = systemRandom): MixKey {
    return new MixKey(x25519.generate(random))
  }

  /**
   * @param privateKey 32 bytes, copied
   * @throws AivError `E_CRYPTO` on a wrong length
   */
  static fromPrivate(privateKey: Uint8Array): MixKey {
    return new MixKey(x25519.fromPrivate(privateKey))
  }

  /**
   * Diffie-Hellman with the group element of a packet.
   * @returns undefined for a point of low order; strangers choose the element, so that must never throw
   */
  sharedWith(element: Uint8Array): Uint8Array | undefined {
    return x25519Shared(this.#key, element)
  }

  /** A copy of the 32 private bytes. */
  exportPrivate(): Uint8Array {
    return this.#key.exportPrivate()
  }

  /** Ends the key: packets of its epoch can never be unwrapped again. */
  erase(): void {
    this.#key.erase()
  }
}
