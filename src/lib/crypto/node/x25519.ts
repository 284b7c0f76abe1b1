/** X25519 (RFC 7748) by node:crypto. */
import { createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { AivError, isAllZero } from '../../core/index.ts'
import { X25519_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'
import type { X25519, X25519KeyPair } from '../provider.ts'
import { systemRandom } from '../random.ts'
import { erase } from '../secrets.ts'
import { plain } from './bytes.ts'
import { keyFormat } from './key-format.ts'

/** Keeps the parsed key, because parsing costs as much as a Diffie-Hellman. */
class NodeX25519KeyPair implements X25519KeyPair {
  readonly publicKey: Uint8Array
  readonly #raw: Uint8Array
  #key: KeyObject | undefined

  constructor(raw: Uint8Array) {
    this.#raw = raw.slice()
    this.#key = keyFormat().importPrivate('x25519', this.#raw)
    this.publicKey = keyFormat().exportPublic(createPublicKey(this.#key))
  }

  sharedSecret(remotePublic: Uint8Array): Uint8Array {
    requireLength(remotePublic, X25519_BYTES, 'X25519 public key')
    const secret = this.trySharedSecret(remotePublic)
    if (secret === undefined) throw new AivError('E_CRYPTO', 'the X25519 public key is a low-order point')
    return secret
  }

  trySharedSecret(remotePublic: Uint8Array): Uint8Array | undefined {
    return tryDiffieHellman(this.#held(), remotePublic)
  }

  exportPrivate(): Uint8Array {
    this.#held()
    return this.#raw.slice()
  }

  erase(): void {
    erase(this.#raw)
    this.#key = undefined
  }

  #held(): KeyObject {
    if (this.#key === undefined) throw new AivError('E_CRYPTO', 'the X25519 private key was erased')
    return this.#key
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
    return new NodeX25519KeyPair(privateKey)
  },
  multiply(scalar, u) {
    requireLength(scalar, X25519_BYTES, 'X25519 scalar')
    return tryDiffieHellman(keyFormat().importPrivate('x25519', scalar), u)
  },
}

/** Undefined for a low-order point, which OpenSSL reports by an exception, and for a wrong length. */
function tryDiffieHellman(privateKey: KeyObject, u: Uint8Array): Uint8Array | undefined {
  if (u.length !== X25519_BYTES) return undefined
  try {
    const secret = plain(diffieHellman({ privateKey, publicKey: keyFormat().publicInput('x25519', u) }))
    // OpenSSL refuses an all-zero result by itself; a Node built on another library might not.
    return isAllZero(secret) ? undefined : secret
  } catch {
    return undefined
  }
}
