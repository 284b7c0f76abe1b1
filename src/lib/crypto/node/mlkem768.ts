/** ML-KEM-768 (FIPS 203) by node:crypto, which has it from Node 24.7 on; before that by @noble. */

import type { KeyObject } from 'node:crypto'
import * as nodeCrypto from 'node:crypto'
import { createRequire } from 'node:module'
import { AivError } from '../../core/index.ts'
import {
  MLKEM768_CIPHERTEXT_BYTES,
  MLKEM768_ENCAPSULATION_KEY_BYTES,
  MLKEM768_SEED_BYTES,
} from '../constants.ts'
import { requireLength } from '../lengths.ts'
import type { MlKem768, MlKem768KeyPair } from '../provider.ts'
import { plain } from './bytes.ts'
import { keyFormat } from './key-format.ts'

class NodeMlKem768KeyPair implements MlKem768KeyPair {
  readonly encapsulationKey: Uint8Array
  #key: KeyObject | undefined

  constructor(key: KeyObject, publicKey: KeyObject) {
    this.#key = key
    this.encapsulationKey = keyFormat().exportPublic(publicKey)
  }

  decapsulate(ciphertext: Uint8Array): Uint8Array {
    requireLength(ciphertext, MLKEM768_CIPHERTEXT_BYTES, 'ML-KEM-768 ciphertext')
    return plain(nodeCrypto.decapsulate(this.#held(), ciphertext))
  }

  exportSeed(): Uint8Array {
    return keyFormat().exportSeed(this.#held())
  }

  erase(): void {
    this.#key = undefined
  }

  #held(): KeyObject {
    if (this.#key === undefined) throw new AivError('E_CRYPTO', 'the ML-KEM-768 private key was erased')
    return this.#key
  }
}

const native: MlKem768 = {
  deterministic: false,
  generate(seed) {
    if (seed !== undefined) {
      requireLength(seed, MLKEM768_SEED_BYTES, 'ML-KEM-768 seed')
      const key = keyFormat().importPrivate('ml-kem-768', seed)
      return new NodeMlKem768KeyPair(key, nodeCrypto.createPublicKey(key))
    }
    // Generating inside OpenSSL takes half the time of drawing a seed and importing it.
    const { privateKey, publicKey } = nodeCrypto.generateKeyPairSync('ml-kem-768')
    return new NodeMlKem768KeyPair(privateKey, publicKey)
  },
  encapsulate(encapsulationKey, m) {
    requireLength(encapsulationKey, MLKEM768_ENCAPSULATION_KEY_BYTES, 'ML-KEM-768 encapsulation key')
    if (m !== undefined)
      throw new AivError('E_UNSUPPORTED', 'node:crypto draws the encapsulation randomness itself', {
        hint: 'Use the noble provider.',
      })
    let key: KeyObject
    try {
      // OpenSSL applies the modulus check when it decodes the key.
      key = keyFormat().importPublic('ml-kem-768', encapsulationKey)
    } catch (cause) {
      throw new AivError('E_CRYPTO', 'the ML-KEM-768 encapsulation key fails the modulus check', { cause })
    }
    const { ciphertext, sharedKey } = nodeCrypto.encapsulate(key)
    return { ciphertext: plain(ciphertext), sharedSecret: plain(sharedKey) }
  },
}

/**
 * A module that waits for another at its top makes every module above it wait, and a thread that is stopped meanwhile
 * can end the process (an engine check). So this one is loaded without waiting, and only where it is needed.
 */
function portable(): MlKem768 {
  const suffix = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
  const noble: unknown = createRequire(import.meta.url)(`../noble/mlkem768${suffix}`)
  return (noble as typeof import('../noble/mlkem768.ts')).mlkem768
}

export const mlkem768: MlKem768 = typeof nodeCrypto.encapsulate === 'function' ? native : portable()
