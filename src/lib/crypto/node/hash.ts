/** SHA-2, BLAKE2 and HMAC by node:crypto; it has no BLAKE2b-256, so that one is our own. */
import { createHash, createHmac, type Hash, hash as hashOnce } from 'node:crypto'
import { blake2b } from '../blake2b.ts'
import { HASH_BYTES } from '../constants.ts'
import type { HmacHash, IncrementalHash } from '../provider.ts'
import { plain } from './bytes.ts'

const OPENSSL_NAMES = { sha256: 'sha256', sha384: 'sha384', blake2s: 'blake2s256' } as const

function digestOf(algorithm: string, parts: readonly Uint8Array[]): Uint8Array {
  // One call into OpenSSL costs two thirds of creating a state for short inputs.
  if (parts.length === 1) return plain(hashOnce(algorithm, parts[0] as Uint8Array, 'buffer'))
  const state = createHash(algorithm)
  for (const part of parts) state.update(part)
  return plain(state.digest())
}

export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => digestOf('sha256', parts)
export const sha384 = (...parts: readonly Uint8Array[]): Uint8Array => digestOf('sha384', parts)
export const sha512 = (...parts: readonly Uint8Array[]): Uint8Array => digestOf('sha512', parts)
export const sha512t256 = (...parts: readonly Uint8Array[]): Uint8Array => digestOf('sha512-256', parts)
export const blake2s = (...parts: readonly Uint8Array[]): Uint8Array => digestOf('blake2s256', parts)
export const blake2b256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  blake2b({ digestBytes: HASH_BYTES }, ...parts)

export function hmac(hash: HmacHash, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const state = createHmac(OPENSSL_NAMES[hash], key)
  for (const part of parts) state.update(part)
  return plain(state.digest())
}

class NodeHash implements IncrementalHash {
  readonly #state: Hash

  constructor(state: Hash) {
    this.#state = state
  }

  update(bytes: Uint8Array): this {
    this.#state.update(bytes)
    return this
  }

  digest(): Uint8Array {
    return plain(this.#state.digest())
  }

  copy(): IncrementalHash {
    return new NodeHash(this.#state.copy())
  }
}

export const createSha256 = (): IncrementalHash => new NodeHash(createHash('sha256'))
export const createSha384 = (): IncrementalHash => new NodeHash(createHash('sha384'))
