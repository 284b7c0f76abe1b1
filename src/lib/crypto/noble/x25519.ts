/** X25519 (RFC 7748) by @noble/curves. */
import { x25519 as nobleX25519 } from '@noble/curves/ed25519.js'
import { AivError } from '../../core/index.ts'
import { X25519_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'
import type { X25519, X25519KeyPair } from '../provider.ts'
import { systemRandom } from '../random.ts'
import { erase } from '../secrets.ts'

class NobleX25519KeyPair implements X25519KeyPair {
  readonly publicKey: Uint8Array
  #raw: Uint8Array | undefined

  constructor(raw: Uint8Array) {
    this.#raw = raw.slice()
    this.publicKey = nobleX25519.getPublicKey(this.#raw)
  }

  sharedSecret(remotePublic: Uint8Array): Uint8Array {
    requireLength(remotePublic, X25519_BYTES, 'X25519 public key')
    const raw = this.#held()
    try {
      return nobleX25519.getSharedSecret(raw, remotePublic)
    } catch (cause) {
      throw new AivError('E_CRYPTO', 'the X25519 public key is a low-order point', { cause })
    }
  }

  trySharedSecret(remotePublic: Uint8Array): Uint8Array | undefined {
    return tryMultiply(this.#held(), remotePublic)
  }

  exportPrivate(): Uint8Array {
    return this.#held().slice()
  }

  erase(): void {
    erase(this.#raw)
    this.#raw = undefined
  }

  #held(): Uint8Array {
    if (this.#raw === undefined) throw new AivError('E_CRYPTO', 'the X25519 private key was erased')
    return this.#raw
  }
}

export const x25519: X25519 = {
  generate(random = systemRandom) {
    const raw = random.bytes(X25519_BYTES)
    const pair = x25519.fromPrivate(raw)
    erase(raw)
    return pair
  },
  fromPrivate(privateKey) {
    requireLength(privateKey, X25519_BYTES, 'X25519 private key')
    return new NobleX25519KeyPair(privateKey)
  },
  multiply(scalar, u) {
    requireLength(scalar, X25519_BYTES, 'X25519 scalar')
    return tryMultiply(scalar, u)
  },
}

function tryMultiply(scalar: Uint8Array, u: Uint8Array): Uint8Array | undefined {
  if (u.length !== X25519_BYTES) return undefined
  try {
    return nobleX25519.getSharedSecret(scalar, u)
  } catch {
    return undefined
  }
}
