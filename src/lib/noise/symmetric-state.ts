/** SymmetricState of the Noise Protocol Framework, revision 34, section 5.2. */
import { EMPTY, utf8 } from '../core/index.ts'
import { type CryptoProvider, erase, type HmacHash } from '../crypto/index.ts'
import { CipherState } from './cipher-state.ts'
import { HASH_BYTES } from './constants.ts'

const ONE = Uint8Array.of(1)
const TWO = Uint8Array.of(2)
const THREE = Uint8Array.of(3)

export interface SplitKeys {
  /** 32 bytes, initiator to responder. */
  readonly k1: Uint8Array
  /** 32 bytes, responder to initiator. */
  readonly k2: Uint8Array
  /** The handshake hash: 32 bytes that both sides share and that name this handshake. Not secret. */
  readonly h: Uint8Array
}

/** Every secret it makes on the way is erased before the call that made it returns. */
export class SymmetricState {
  readonly #provider: CryptoProvider
  readonly #hash: HmacHash
  #chainingKey: Uint8Array
  #h: Uint8Array
  #cipher: CipherState | undefined

  constructor(provider: CryptoProvider, protocolName: string, hash: HmacHash) {
    this.#provider = provider
    this.#hash = hash
    const name = utf8(protocolName)
    this.#h = new Uint8Array(HASH_BYTES)
    if (name.length <= HASH_BYTES) this.#h.set(name)
    else this.#h = provider[hash](name)
    this.#chainingKey = this.#h.slice()
  }

  /** True once a key is mixed in: from then on payloads and keys travel encrypted. */
  get hasKey(): boolean {
    return this.#cipher !== undefined
  }

  mixHash(data: Uint8Array): void {
    this.#h = this.#provider[this.#hash](this.#h, data)
  }

  mixKey(inputKeyMaterial: Uint8Array): void {
    const [chainingKey, key] = this.#hkdf2(inputKeyMaterial)
    this.#replaceKeys(chainingKey, key)
  }

  /** The `psk` token: also ties the handshake hash to the key (section 9.1). */
  mixKeyAndHash(inputKeyMaterial: Uint8Array): void {
    const temporary = this.#hmac(this.#chainingKey, inputKeyMaterial)
    const chainingKey = this.#hmac(temporary, ONE)
    const hashed = this.#hmac(temporary, chainingKey, TWO)
    const key = this.#hmac(temporary, hashed, THREE)
    this.mixHash(hashed)
    erase(temporary, hashed)
    this.#replaceKeys(chainingKey, key)
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const out = this.#cipher?.encryptWithAd(this.#h, plaintext) ?? plaintext
    this.mixHash(out)
    return out
  }

  /** @throws AivError `E_AUTHENTICATION` */
  decryptAndHash(received: Uint8Array): Uint8Array {
    const plaintext = this.#cipher?.decryptWithAd(this.#h, received) ?? received
    this.mixHash(received)
    return plaintext
  }

  /** The transport keys and the handshake hash; this state is erased. */
  split(): SplitKeys {
    const [k1, k2] = this.#hkdf2(EMPTY)
    const h = this.#h.slice()
    this.erase()
    return { k1, k2, h }
  }

  erase(): void {
    erase(this.#chainingKey, this.#h)
    this.#cipher?.erase()
    this.#cipher = undefined
  }

  #hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
    return this.#provider.hmac(this.#hash, key, ...parts)
  }

  #hkdf2(inputKeyMaterial: Uint8Array): [Uint8Array, Uint8Array] {
    const temporary = this.#hmac(this.#chainingKey, inputKeyMaterial)
    const first = this.#hmac(temporary, ONE)
    const second = this.#hmac(temporary, first, TWO)
    erase(temporary)
    return [first, second]
  }

  #replaceKeys(chainingKey: Uint8Array, key: Uint8Array): void {
    erase(this.#chainingKey)
    this.#chainingKey = chainingKey
    this.#cipher?.erase()
    this.#cipher = new CipherState(this.#provider.chacha20poly1305, key)
    erase(key)
  }
}
