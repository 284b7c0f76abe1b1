/** ECDH on P-256 (SEC 1, FIPS 186-5) by node:crypto. */
import { createECDH, type ECDH } from 'node:crypto'
import { AivError } from '../../core/index.ts'
import { P256_PRIVATE_KEY_BYTES, P256_PUBLIC_KEY_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'
import { scalarBelowOrder } from '../p256-scalar.ts'
import type { P256, P256KeyPair } from '../provider.ts'
import { systemRandom } from '../random.ts'
import { erase } from '../secrets.ts'
import { plain } from './bytes.ts'

const CURVE = 'prime256v1'

class NodeP256KeyPair implements P256KeyPair {
  readonly publicKey: Uint8Array
  #key: ECDH | undefined

  constructor(key: ECDH) {
    this.#key = key
    this.publicKey = plain(key.getPublicKey())
  }

  sharedSecret(remotePublic: Uint8Array): Uint8Array {
    requireLength(remotePublic, P256_PUBLIC_KEY_BYTES, 'P-256 public key')
    if (this.#key === undefined) throw new AivError('E_CRYPTO', 'the P-256 private key was erased')
    try {
      return plain(this.#key.computeSecret(remotePublic))
    } catch (cause) {
      throw new AivError('E_CRYPTO', 'the P-256 public key is not a point of the curve', { cause })
    }
  }

  erase(): void {
    this.#key = undefined
  }
}

export const p256: P256 = {
  generate(random = systemRandom) {
    const scalar = scalarBelowOrder(random)
    const pair = p256.fromPrivate(scalar)
    erase(scalar)
    return pair
  },
  fromPrivate(privateKey) {
    requireLength(privateKey, P256_PRIVATE_KEY_BYTES, 'P-256 private key')
    const key = createECDH(CURVE)
    try {
      key.setPrivateKey(privateKey)
    } catch (cause) {
      throw new AivError('E_CRYPTO', 'the P-256 private key is not below the order of the curve', { cause })
    }
    return new NodeP256KeyPair(key)
  },
}
