/**
 * What a listener keeps of a ticket, and its form at rest: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) under a key
 * that only the listener's identity gives. The nonce is random, which 24 bytes allow for any number of records; the id
 * is associated data, so that records cannot change places.
 */
import { concat, fromUtf8, type RandomSource, readU64, u64, utf8 } from '../../core/index.ts'
import { AEAD_KEY_BYTES, erase, HASH_BYTES, X25519_BYTES, xchacha20poly1305 } from '../../crypto/index.ts'
import type { ResumptionChain } from './chain.ts'
import { PSK_LENGTH } from './constants.ts'

const VERSION = 1
const LABEL = utf8('aiv htx resumption record')
const TIMES = 4
const FIXED_BYTES = 1 + PSK_LENGTH + HASH_BYTES + X25519_BYTES + 8 * TIMES

/** Who a ticket is for. */
export interface ResumptionTicketHolder extends ResumptionChain {
  /** Peer id. */
  readonly peer: string
  /** X25519 static key that the peer's certificate was for. */
  readonly x: Uint8Array
  /** SHA-256 of that certificate. */
  readonly certHash: Uint8Array
  /** Suite class: a hybrid session is resumed by a hybrid suite only, a classical one by a classical. */
  readonly hybrid: boolean
}

export interface ResumptionRecord extends ResumptionTicketHolder {
  readonly psk: Uint8Array
  /** Unix seconds. */
  readonly created: number
  readonly expires: number
}

export class RecordSeal {
  readonly #key: Uint8Array
  readonly #random: RandomSource

  /** @param key 32 bytes that seal nothing else; owned by this object */
  constructor(key: Uint8Array, random: RandomSource) {
    if (key.length !== AEAD_KEY_BYTES) throw new RangeError('a record key takes 32 bytes')
    this.#key = key
    this.#random = random
  }

  /** @param id SHA-256 of the handle */
  seal(id: Uint8Array, record: ResumptionRecord): Uint8Array {
    const { psk, certHash, x, hybrid, created, expires, certNotAfter, fullAt, peer } = record
    const times = [created, expires, certNotAfter, fullAt].map(u64)
    const plain = concat(Uint8Array.of(hybrid ? 1 : 0), psk, certHash, x, ...times, utf8(peer))
    const nonce = this.#random.bytes(xchacha20poly1305.nonceBytes)
    const sealed = xchacha20poly1305.seal(this.#key, nonce, concat(LABEL, id), plain)
    erase(plain)
    return concat(Uint8Array.of(VERSION), nonce, sealed)
  }

  /** The record, or undefined when it was altered, moved, or sealed by another identity. */
  open(id: Uint8Array, bytes: Uint8Array): ResumptionRecord | undefined {
    const sealedAt = 1 + xchacha20poly1305.nonceBytes
    if (bytes[0] !== VERSION || bytes.length < sealedAt) return undefined
    const nonce = bytes.subarray(1, sealedAt)
    const plain = xchacha20poly1305.open(this.#key, nonce, concat(LABEL, id), bytes.subarray(sealedAt))
    if (plain === undefined || plain.length < FIXED_BYTES) return undefined
    const certHashAt = 1 + PSK_LENGTH
    const xAt = certHashAt + HASH_BYTES
    const timesAt = xAt + X25519_BYTES
    const time = (index: number): number => Number(readU64(plain, timesAt + 8 * index))
    const record = {
      hybrid: plain[0] === 1,
      psk: plain.slice(1, certHashAt),
      certHash: plain.slice(certHashAt, xAt),
      x: plain.slice(xAt, timesAt),
      created: time(0),
      expires: time(1),
      certNotAfter: time(2),
      fullAt: time(3),
      peer: fromUtf8(plain.subarray(FIXED_BYTES)),
    }
    erase(plain)
    return record
  }
}
