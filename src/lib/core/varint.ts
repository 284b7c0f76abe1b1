/**
 * QUIC variable-length integers (RFC 9000 section 16), shortest form only.
 *
 * Values fit 62 bits on the wire. Everything this project counts with them stays below 2^53, so the number
 * functions refuse larger values instead of losing bits; `decodeVarint64` gives the full range.
 */
import { u64 } from './bytes.ts'
import { AivError } from './errors.ts'

export const MAX_VARINT = (1n << 62n) - 1n

/** Bytes the shortest encoding of `value` takes: 1, 2, 4 or 8. */
export function varintLength(value: number): 1 | 2 | 4 | 8 {
  if (value < 0x40) return 1
  if (value < 0x4000) return 2
  if (value < 0x40000000) return 4
  return 8
}

/** Length of an encoding, read from its first byte. */
export function varintLengthFromFirstByte(first: number): 1 | 2 | 4 | 8 {
  return (1 << (first >>> 6)) as 1 | 2 | 4 | 8
}

/**
 * Writes `value` at `at` and returns the offset after it.
 * @param value integer 0..2^53-1
 */
export function writeVarint(out: Uint8Array, at: number, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`varint out of range: ${value}`)
  switch (varintLength(value)) {
    case 1:
      out[at] = value
      return at + 1
    case 2:
      out[at] = 0x40 | (value >>> 8)
      out[at + 1] = value
      return at + 2
    case 4:
      out[at] = 0x80 | (value >>> 24)
      out[at + 1] = value >>> 16
      out[at + 2] = value >>> 8
      out[at + 3] = value
      return at + 4
    case 8: {
      const high = Math.floor(value / 0x100000000)
      const low = value >>> 0
      out[at] = 0xc0 | (high >>> 24)
      out[at + 1] = high >>> 16
      out[at + 2] = high >>> 8
      out[at + 3] = high
      out[at + 4] = low >>> 24
      out[at + 5] = low >>> 16
      out[at + 6] = low >>> 8
      out[at + 7] = low
      return at + 8
    }
  }
}

/** The shortest encoding of 0..2^62-1. */
export function encodeVarint(value: number | bigint): Uint8Array {
  if (typeof value === 'bigint') {
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      if (value > MAX_VARINT) throw new RangeError(`varint out of range: ${value}`)
      const large = u64(value)
      large[0] = (large[0] as number) | 0xc0
      return large
    }
    return encodeVarint(Number(value))
  }
  const out = new Uint8Array(varintLength(value))
  writeVarint(out, 0, value)
  return out
}

export interface DecodedVarint<T> {
  readonly value: T
  /** Offset of the first byte after the encoding. */
  readonly next: number
}

/**
 * Reads one varint at `at`.
 * @throws AivError `E_MALFORMED` when truncated or not in its shortest form
 */
export function decodeVarint64(bytes: Uint8Array, at: number): DecodedVarint<bigint> {
  const first = bytes[at]
  if (first === undefined) throw new AivError('E_MALFORMED', 'varint is truncated')
  const length = varintLengthFromFirstByte(first)
  if (at + length > bytes.length) throw new AivError('E_MALFORMED', 'varint is truncated')
  let value = BigInt(first & 0x3f)
  for (let i = 1; i < length; i++) value = (value << 8n) | BigInt(bytes[at + i] as number)
  const shortest = value < 0x40n ? 1 : value < 0x4000n ? 2 : value < 0x40000000n ? 4 : 8
  if (shortest !== length) throw new AivError('E_MALFORMED', 'varint is not in its shortest form')
  return { value, next: at + length }
}

/**
 * Reads one varint at `at` as a number.
 * @throws AivError `E_MALFORMED` when truncated, not in its shortest form, or above 2^53-1
 */
export function decodeVarint(bytes: Uint8Array, at: number): DecodedVarint<number> {
  const first = bytes[at]
  if (first !== undefined && first < 0x40) return { value: first, next: at + 1 }
  const { value, next } = decodeVarint64(bytes, at)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new AivError('E_MALFORMED', 'varint is too large')
  return { value: Number(value), next }
}
