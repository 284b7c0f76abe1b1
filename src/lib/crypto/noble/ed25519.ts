/** Ed25519 (RFC 8032) by @noble/curves. */
import { ed25519 as nobleEd25519 } from '@noble/curves/ed25519.js'
import { AivError, equal } from '../../core/index.ts'
import { ED25519_BYTES } from '../constants.ts'
import { isStrictlyEncoded } from '../ed25519-strictness.ts'
import { requireLength } from '../lengths.ts'
import type { Ed25519, Ed25519KeyPair } from '../provider.ts'
import { systemRandom } from '../random.ts'
import { erase } from '../secrets.ts'
import { sha512 } from './hash.ts'

const { Point } = nobleEd25519

function littleEndianInteger(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

/**
 * `encode([S]B - [k]A) == R`. The library's own `verify` multiplies by the cofactor and so accepts signatures
 * that OpenSSL refuses; two providers that disagree would split peers into two camps.
 */
function satisfiesEquation(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const encodedR = signature.subarray(0, 32)
  const s = littleEndianInteger(signature.subarray(32))
  const k = Point.Fn.create(littleEndianInteger(sha512(encodedR, publicKey, message)))
  let a: InstanceType<typeof Point>
  try {
    a = Point.fromBytes(publicKey)
  } catch {
    return false
  }
  return equal(Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k)).toBytes(), encodedR)
}

class NobleEd25519KeyPair implements Ed25519KeyPair {
  readonly publicKey: Uint8Array
  #seed: Uint8Array | undefined

  constructor(seed: Uint8Array) {
    this.#seed = seed.slice()
    this.publicKey = nobleEd25519.getPublicKey(this.#seed)
  }

  sign(message: Uint8Array): Uint8Array {
    return nobleEd25519.sign(message, this.#held())
  }

  exportSeed(): Uint8Array {
    return this.#held().slice()
  }

  erase(): void {
    erase(this.#seed)
    this.#seed = undefined
  }

  #held(): Uint8Array {
    if (this.#seed === undefined) throw new AivError('E_CRYPTO', 'the Ed25519 private key was erased')
    return this.#seed
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
    return new NobleEd25519KeyPair(seed)
  },
  verify(publicKey, message, signature) {
    return isStrictlyEncoded(publicKey, signature) && satisfiesEquation(publicKey, message, signature)
  },
}
