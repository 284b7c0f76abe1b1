/** ECDH on the curves of NIST (SEC 1, FIPS 186-5) by node:crypto. */
import { createECDH, type ECDH } from 'node:crypto'
import { AivError } from '../../core/index.ts'
import { requireLength } from '../lengths.ts'
import { drawPrivateKey, type NistCurve, P256, P384, publicKeyBytes } from '../nist-curve.ts'
import type { Ecdh, EcdhKeyPair } from '../provider.ts'
import { systemRandom } from '../random.ts'
import { erase } from '../secrets.ts'
import { plain } from './bytes.ts'

class NodeEcdhKeyPair implements EcdhKeyPair {
  readonly publicKey: Uint8Array
  readonly #curve: NistCurve
  #key: ECDH | undefined

  constructor(curve: NistCurve, key: ECDH) {
    this.#curve = curve
    this.#key = key
    this.publicKey = plain(key.getPublicKey())
  }

  sharedSecret(remotePublic: Uint8Array): Uint8Array {
    const { name } = this.#curve
    requireLength(remotePublic, publicKeyBytes(this.#curve), `${name} public key`)
    if (this.#key === undefined) throw new AivError('E_CRYPTO', `the ${name} private key was erased`)
    try {
      return plain(this.#key.computeSecret(remotePublic))
    } catch (cause) {
      throw new AivError('E_CRYPTO', `the ${name} public key is not a point of the curve`, { cause })
    }
  }

  erase(): void {
    this.#key = undefined
  }
}

function ecdhOn(curve: NistCurve, opensslName: string): Ecdh {
  const ecdh: Ecdh = {
    generate(random = systemRandom) {
      const privateKey = drawPrivateKey(curve, random)
      const pair = ecdh.fromPrivate(privateKey)
      erase(privateKey)
      return pair
    },
    fromPrivate(privateKey) {
      requireLength(privateKey, curve.bytes, `${curve.name} private key`)
      const key = createECDH(opensslName)
      try {
        key.setPrivateKey(privateKey)
      } catch (cause) {
        throw new AivError('E_CRYPTO', `the ${curve.name} private key is not below the order of the curve`, {
          cause,
        })
      }
      return new NodeEcdhKeyPair(curve, key)
    },
  }
  return ecdh
}

export const p256 = ecdhOn(P256, 'prime256v1')
export const p384 = ecdhOn(P384, 'secp384r1')
