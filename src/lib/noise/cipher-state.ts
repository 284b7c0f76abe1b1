/** CipherState of the Noise Protocol Framework, revision 34, section 5.1, with ChaChaPoly (section 12.3). */
import { AivError } from '../core/index.ts'
import { erase, type PartsAead } from '../crypto/index.ts'
import { KEY_BYTES } from './constants.ts'

/**
 * A key and its message counter.
 *
 * Nonce rule: `32 zero bits || LE64(n)`, n counting from 0, one step for each message that was sealed or that
 * opened. A key never gets a second counter: a new key is a new CipherState. Counting ends at 2^53-1, long before
 * the 2^64-1 that Noise reserves.
 *
 * The key is this object's own copy and is zero after `erase`.
 */
export class CipherState {
  readonly #aead: PartsAead
  readonly #key: Uint8Array
  readonly #nonce = new Uint8Array(12)
  #counter = 0
  #erased = false

  /** @param key 32 bytes, copied */
  constructor(aead: PartsAead, key: Uint8Array) {
    if (key.length !== KEY_BYTES)
      throw new AivError('E_CRYPTO', `the cipher key is not ${KEY_BYTES} bytes long`)
    this.#aead = aead
    this.#key = key.slice()
  }

  /** Seals the next message: ciphertext and a 16-byte tag. */
  encryptWithAd(associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    const sealed = this.#aead.seal(this.#key, this.#nextNonce(), associatedData, plaintext)
    this.#counter++
    return sealed
  }

  /**
   * Opens the next message. A forged one leaves the counter where it was.
   * @throws AivError `E_AUTHENTICATION`
   */
  decryptWithAd(associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.#aead.open(this.#key, this.#nextNonce(), associatedData, ciphertext)
    if (plaintext === undefined) throw new AivError('E_AUTHENTICATION', 'the Noise message is not authentic')
    this.#counter++
    return plaintext
  }

  erase(): void {
    erase(this.#key, this.#nonce)
    this.#erased = true
  }

  #nextNonce(): Uint8Array {
    if (this.#erased) throw new AivError('E_CRYPTO', 'the cipher key was erased')
    if (this.#counter >= Number.MAX_SAFE_INTEGER) throw new AivError('E_CRYPTO', 'the cipher key is used up')
    const view = new DataView(this.#nonce.buffer)
    view.setUint32(4, this.#counter % 0x100000000, true)
    view.setUint32(8, Math.floor(this.#counter / 0x100000000), true)
    return this.#nonce
  }
}
