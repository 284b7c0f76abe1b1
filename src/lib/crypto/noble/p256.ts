/** ECDH on P-256 (SEC 1, FIPS 186-5) by @noble/curves. */
import { p256 as nobleP256 } from '@noble/curves/nist.js'
import { AivError } from '../../core/index.ts'
import { P256_PRIVATE_KEY_BYTES, P256_PUBLIC_KEY_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'
import { scalarBelowOrder } from '../p256-scalar.ts'
import type { P256, P256KeyPair } from '../provider.ts'
import { systemRandom } from '../random.ts'
import { erase } from '../secrets.ts'

/** Of the x coordinate in a compressed point; the shared secret of ECDH is that coordinate alone. */
const X_AT = 1

class NobleP256KeyPair implements P256KeyPair {
  readonly publicKey: Uint8Array
  #raw: Uint8Array | undefined

  constructor(raw: Uint8Array) {
    this.#raw = raw.slice()
    this.publicKey = nobleP256.getPublicKey(this.#raw, false)
  }

  sharedSecret(remotePublic: Uint8Array): Uint8Array {
    requireLength(remotePublic, P256_PUBLIC_KEY_BYTES, 'P-256 public key')
    if (this.#raw === undefined) throw new AivError('E_CRYPTO', 'the P-256 private key was erased')
    try {
      return nobleP256.getSharedSecret(this.#raw, remotePublic, true).subarray(X_AT)
    } catch (cause) {
      throw new AivError('E_CRYPTO', 'the P-256 public key is not a point of the curve', { cause })
    }
  }

  erase(): void {
    erase(this.#raw)
    this.#raw = undefined
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
    if (!nobleP256.utils.isValidSecretKey(privateKey))
      throw new AivError('E_CRYPTO', 'the P-256 private key is not below the order of the curve')
    return new NobleP256KeyPair(privateKey)
  },
}
