/**
 * SipHash-2-4 with 64 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012).
 *
 * A keyed pseudorandom function for short inputs where the output stays inside the process: an HMAC costs ten times as
 * much and allocates. It is no hash without its key, and 64 bits are too few for a MAC that strangers may try.
 */
import { requireLength } from './lengths.ts'

/** Secret key of SipHash. */
export const SIPHASH_KEY_BYTES = 16

const COMPRESSION_ROUNDS = 2
const FINALIZATION_ROUNDS = 4

/** A SipHash-2-4 function of one key. Evaluating it allocates nothing. */
export class SipHash24 {
  readonly #k0l: number
  readonly #k0h: number
  readonly #k1l: number
  readonly #k1h: number

  /** @param key 16 bytes, copied; @throws AivError `E_CRYPTO` on another length */
  constructor(key: Uint8Array) {
    requireLength(key, SIPHASH_KEY_BYTES, 'SipHash key')
    this.#k0l = readU32Le(key, 0)
    this.#k0h = readU32Le(key, 4)
    this.#k1l = readU32Le(key, 8)
    this.#k1h = readU32Le(key, 12)
  }

  /**
   * @param message any length
   * @param out gets the low and the high half of the 64-bit output, as signed 32-bit integers
   */
  hash(message: Uint8Array, out: Int32Array): void {
    let v0l = this.#k0l ^ 0x70736575
    let v0h = this.#k0h ^ 0x736f6d65
    let v1l = this.#k1l ^ 0x6e646f6d
    let v1h = this.#k1h ^ 0x646f7261
    let v2l = this.#k0l ^ 0x6e657261
    let v2h = this.#k0h ^ 0x6c796765
    let v3l = this.#k1l ^ 0x79746573
    let v3h = this.#k1h ^ 0x74656462
    const length = message.length
    // The last word holds what is left of the message and its length; one more turn without a word finalizes.
    const lastWord = length >>> 3
    for (let word = 0; word <= lastWord + 1; word++) {
      let ml = 0
      let mh = 0
      let rounds = COMPRESSION_ROUNDS
      if (word < lastWord) {
        ml = readU32Le(message, 8 * word)
        mh = readU32Le(message, 8 * word + 4)
      } else if (word === lastWord) {
        mh = length << 24
        for (let i = 8 * word; i < length; i++) {
          const shift = (i & 3) << 3
          if ((i & 4) === 0) ml |= (message[i] as number) << shift
          else mh |= (message[i] as number) << shift
        }
      } else {
        v2l ^= 0xff
        rounds = FINALIZATION_ROUNDS
      }
      v3l ^= ml
      v3h ^= mh
      for (let round = 0; round < rounds; round++) {
        let low = (v0l >>> 0) + (v1l >>> 0)
        v0h = (v0h + v1h + (low > 0xffffffff ? 1 : 0)) | 0
        v0l = low | 0
        let high = (v1h << 13) | (v1l >>> 19)
        v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l
        v1h = high ^ v0h
        low = v0l
        v0l = v0h
        v0h = low | 0
        low = (v2l >>> 0) + (v3l >>> 0)
        v2h = (v2h + v3h + (low > 0xffffffff ? 1 : 0)) | 0
        v2l = low | 0
        high = (v3h << 16) | (v3l >>> 16)
        v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l
        v3h = high ^ v2h
        low = (v0l >>> 0) + (v3l >>> 0)
        v0h = (v0h + v3h + (low > 0xffffffff ? 1 : 0)) | 0
        v0l = low | 0
        high = (v3h << 21) | (v3l >>> 11)
        v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l
        v3h = high ^ v0h
        low = (v2l >>> 0) + (v1l >>> 0)
        v2h = (v2h + v1h + (low > 0xffffffff ? 1 : 0)) | 0
        v2l = low | 0
        high = (v1h << 17) | (v1l >>> 15)
        v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l
        v1h = high ^ v2h
        low = v2l
        v2l = v2h
        v2h = low | 0
      }
      v0l ^= ml
      v0h ^= mh
    }
    out[0] = v0l ^ v1l ^ v2l ^ v3l
    out[1] = v0h ^ v1h ^ v2h ^ v3h
  }
}

/** As a signed 32-bit integer. */
function readU32Le(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}
