/** ML-KEM-768 (FIPS 203) by @noble/post-quantum: the provider whose encapsulation can be made repeatable. */
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'
import { AivError } from '../../core/index.ts'
import {
  MLKEM768_CIPHERTEXT_BYTES,
  MLKEM768_ENCAPSULATION_KEY_BYTES,
  MLKEM768_MESSAGE_BYTES,
  MLKEM768_SEED_BYTES,
} from '../constants.ts'
import { requireLength } from '../lengths.ts'
import type { MlKem768, MlKem768KeyPair } from '../provider.ts'
import { systemRandom } from '../random.ts'
import { erase } from '../secrets.ts'

class NobleMlKem768KeyPair implements MlKem768KeyPair {
  readonly encapsulationKey: Uint8Array
  readonly #seed: Uint8Array
  #decapsulationKey: Uint8Array | undefined

  constructor(seed: Uint8Array) {
    this.#seed = seed.slice()
    const { publicKey, secretKey } = ml_kem768.keygen(this.#seed)
    this.encapsulationKey = publicKey
    this.#decapsulationKey = secretKey
  }

  decapsulate(ciphertext: Uint8Array): Uint8Array {
    requireLength(ciphertext, MLKEM768_CIPHERTEXT_BYTES, 'ML-KEM-768 ciphertext')
    return ml_kem768.decapsulate(ciphertext, this.#held())
  }

  exportSeed(): Uint8Array {
    this.#held()
    return this.#seed.slice()
  }

  erase(): void {
    erase(this.#seed, this.#decapsulationKey)
    this.#decapsulationKey = undefined
  }

  #held(): Uint8Array {
    if (this.#decapsulationKey === undefined)
      throw new AivError('E_CRYPTO', 'the ML-KEM-768 private key was erased')
    return this.#decapsulationKey
  }
}

export const mlkem768: MlKem768 = {
  deterministic: true,
  generate(seed) {
    if (seed !== undefined) requireLength(seed, MLKEM768_SEED_BYTES, 'ML-KEM-768 seed')
    const drawn = seed ?? systemRandom.bytes(MLKEM768_SEED_BYTES)
    const pair = new NobleMlKem768KeyPair(drawn)
    if (seed === undefined) erase(drawn)
    return pair
  },
  encapsulate(encapsulationKey, m) {
    requireLength(encapsulationKey, MLKEM768_ENCAPSULATION_KEY_BYTES, 'ML-KEM-768 encapsulation key')
    if (m !== undefined) requireLength(m, MLKEM768_MESSAGE_BYTES, 'ML-KEM-768 encapsulation randomness')
    const drawn = m ?? systemRandom.bytes(MLKEM768_MESSAGE_BYTES)
    try {
      const { cipherText, sharedSecret } = ml_kem768.encapsulate(encapsulationKey, drawn)
      return { ciphertext: cipherText, sharedSecret }
    } catch (cause) {
      throw new AivError('E_CRYPTO', 'the ML-KEM-768 encapsulation key fails the modulus check', { cause })
    } finally {
      if (m === undefined) erase(drawn)
    }
  },
}
