/** ECDH on the curves of NIST (SEC 1, FIPS 186-5) by @noble/curves. */
import { p256 as nobleP256, p384 as nobleP384 } from '@noble/curves/nist.js'
import { AivError } from '../../core/index.ts'
import { requireLength } from '../lengths.ts'
import { drawPrivateKey, type NistCurve, P256, P384, publicKeyBytes } from '../nist-curve.ts'
import type { Ecdh, EcdhKeyPair } from '../provider.ts'
import { systemRandom } from '../random.ts'
import { erase } from '../secrets.ts'

/** Of the x coordinate in a compressed point; the shared secret of ECDH is that coordinate alone. */
const X_AT = 1

type NobleCurve = typeof nobleP256

class NobleEcdhKeyPair implements EcdhKeyPair {
  readonly publicKey: Uint8Array
  readonly #curve: NistCurve
  readonly #noble: NobleCurve
  #raw: Uint8Array | undefined

  constructor(curve: NistCurve, noble: NobleCurve, raw: Uint8Array) {
    this.#curve = curve
    this.#noble = noble
    this.#raw = raw.slice()
    this.publicKey = noble.getPublicKey(this.#raw, false)
  }

  sharedSecret(remotePublic: Uint8Array): Uint8Array {
    const { name } = this.#curve
    requireLength(remotePublic, publicKeyBytes(this.#curve), `${name} public key`)
    if (this.#raw === undefined) throw new AivError('E_CRYPTO', `the ${name} private key was erased`)
    try {
      return this.#noble.getSharedSecret(this.#raw, remotePublic, true).subarray(X_AT)
    } catch (cause) {
      throw new AivError('E_CRYPTO', `the ${name} public key is not a point of the curve`, { cause })
    }
  }

  erase(): void {
    erase(this.#raw)
    this.#raw = undefined
  }
}

function ecdhOn(curve: NistCurve, noble: NobleCurve): Ecdh {
  const ecdh: Ecdh = {
    generate(random = systemRandom) {
      const privateKey = drawPrivateKey(curve, random)
      const pair = ecdh.fromPrivate(privateKey)
      erase(privateKey)
      return pair
    },
    fromPrivate(privateKey) {
      requireLength(privateKey, curve.bytes, `${curve.name} private key`)
      if (!noble.utils.isValidSecretKey(privateKey))
        throw new AivError('E_CRYPTO', `the ${curve.name} private key is not below the order of the curve`)
      return new NobleEcdhKeyPair(curve, noble, privateKey)
    },
  }
  return ecdh
}

export const p256 = ecdhOn(P256, nobleP256)
export const p384 = ecdhOn(P384, nobleP384)
