/** SHA-2, BLAKE2 and HMAC by @noble/hashes. */
import { blake2b as nobleBlake2b, blake2s as nobleBlake2s } from '@noble/hashes/blake2.js'
import { hmac as nobleHmac } from '@noble/hashes/hmac.js'
import {
  sha256 as nobleSha256,
  sha384 as nobleSha384,
  sha512 as nobleSha512,
  sha512_256 as nobleSha512t256,
} from '@noble/hashes/sha2.js'
import { HASH_BYTES } from '../constants.ts'
import type { HmacHash, IncrementalHash } from '../provider.ts'

const HMAC_HASHES = { sha256: nobleSha256, sha384: nobleSha384, blake2s: nobleBlake2s } as const

interface State {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

function absorb(state: State, parts: readonly Uint8Array[]): Uint8Array {
  for (const part of parts) state.update(part)
  return state.digest()
}

export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => absorb(nobleSha256.create(), parts)
export const sha384 = (...parts: readonly Uint8Array[]): Uint8Array => absorb(nobleSha384.create(), parts)
export const sha512 = (...parts: readonly Uint8Array[]): Uint8Array => absorb(nobleSha512.create(), parts)
export const sha512t256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  absorb(nobleSha512t256.create(), parts)
export const blake2s = (...parts: readonly Uint8Array[]): Uint8Array => absorb(nobleBlake2s.create(), parts)
export const blake2b256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  absorb(nobleBlake2b.create({ dkLen: HASH_BYTES }), parts)

export function hmac(hash: HmacHash, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return absorb(nobleHmac.create(HMAC_HASHES[hash], key), parts)
}

type Sha2 = ReturnType<typeof nobleSha256.create> | ReturnType<typeof nobleSha384.create>

class NobleHash implements IncrementalHash {
  readonly #state: Sha2

  constructor(state: Sha2) {
    this.#state = state
  }

  update(bytes: Uint8Array): this {
    this.#state.update(bytes)
    return this
  }

  digest(): Uint8Array {
    return this.#state.digest()
  }

  copy(): IncrementalHash {
    return new NobleHash(this.#state.clone())
  }
}

export const createSha256 = (): IncrementalHash => new NobleHash(nobleSha256.create())
export const createSha384 = (): IncrementalHash => new NobleHash(nobleSha384.create())
