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
    const privateKey = this.#held()
    let secret: Uint8Array
    try {
      secret = plain(
        diffieHellman({ privateKey, publicKey: keyFormat().importPublic('x25519', remotePublic) }),
      )
    } catch (cause) {
      throw new AivError('E_CRYPTO', 'the X25519 public key is a low-order point', { cause })
    }
    // OpenSSL refuses an all-zero result by itself; a Node built on another library might not.
    if (isAllZero(secret)) throw new AivError('E_CRYPTO', 'the X25519 public key is a low-order point')
    return secret
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
}
