/** Ed25519 (RFC 8032) by node:crypto. */
import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { AivError } from '../../core/index.ts'
import { ED25519_BYTES } from '../constants.ts'
import { isStrictlyEncoded } from '../ed25519-strictness.ts'
import { requireLength } from '../lengths.ts'
import type { Ed25519, Ed25519KeyPair } from '../provider.ts'
import { systemRandom } from '../random.ts'
import { erase } from '../secrets.ts'
import { plain } from './bytes.ts'
import { keyFormat } from './key-format.ts'

class NodeEd25519KeyPair implements Ed25519KeyPair {
  readonly publicKey: Uint8Array
  readonly #seed: Uint8Array
  #key: KeyObject | undefined

  constructor(seed: Uint8Array) {
    this.#seed = seed.slice()
    this.#key = keyFormat().importPrivate('ed25519', this.#seed)
    this.publicKey = keyFormat().exportPublic(createPublicKey(this.#key))
  }

  sign(message: Uint8Array): Uint8Array {
    return plain(sign(null, message, this.#held()))
  }

  exportSeed(): Uint8Array {
    this.#held()
    return this.#seed.slice()
  }

  erase(): void {
    erase(this.#seed)
    this.#key = undefined
  }

  #held(): KeyObject {
    if (this.#key === undefined) throw new AivError('E_CRYPTO', 'the Ed25519 private key was erased')
    return this.#key
  }
}

export const ed25519: Ed25519 = {
  generate(random = systemRandom) {
    const seed = random.bytes(ED25519_BYTES)
    const pair = ed25519.fromSeed(seed)
    erase(seed)
    return pair
  },
  fromSeed(seed) {
    requireLength(seed, ED25519_BYTES, 'Ed25519 seed')
    return new NodeEd25519KeyPair(seed)
  },
  verify(publicKey, message, signature) {
    if (!isStrictlyEncoded(publicKey, signature)) return false
    return verify(null, message, keyFormat().importPublic('ed25519', publicKey), signature)
  },
}
