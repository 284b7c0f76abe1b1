/** SHA-2, BLAKE2s and HMAC by @noble/hashes. */
import { blake2s as nobleBlake2s } from '@noble/hashes/blake2.js'
import { hmac as nobleHmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256, sha512 as nobleSha512 } from '@noble/hashes/sha2.js'
import type { HmacHash, Sha256 } from '../provider.ts'

interface State {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
}

function absorb(state: State, parts: readonly Uint8Array[]): Uint8Array {
  for (const part of parts) state.update(part)
  return state.digest()
}

export const sha256 = (...parts: readonly Uint8Array[]): Uint8Array => absorb(nobleSha256.create(), parts)
export const sha512 = (...parts: readonly Uint8Array[]): Uint8Array => absorb(nobleSha512.create(), parts)
export const blake2s = (...parts: readonly Uint8Array[]): Uint8Array => absorb(nobleBlake2s.create(), parts)

export function hmac(hash: HmacHash, key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  return absorb(nobleHmac.create(hash === 'sha256' ? nobleSha256 : nobleBlake2s, key), parts)
}

class NobleSha256 implements Sha256 {
  readonly #state: ReturnType<typeof nobleSha256.create>

  constructor(state: ReturnType<typeof nobleSha256.create>) {
    this.#state = state
  }

  update(bytes: Uint8Array): this {
    this.#state.update(bytes)
    return this
  }

  digest(): Uint8Array {
    return this.#state.digest()
  }

  copy(): Sha256 {
    return new NobleSha256(this.#state.clone())
  }
}

export function createSha256(): Sha256 {
  return new NobleSha256(nobleSha256.create())
}
