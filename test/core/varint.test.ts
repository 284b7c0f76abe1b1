import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AivError,
  decodeVarint,
  decodeVarint64,
  encodeVarint,
  fromHex,
  MAX_VARINT,
  toHex,
  varintLength,
  varintLengthFromFirstByte,
  writeVarint,
} from '../../src/lib/core/index.ts'
import { htxVectors } from '../support/session-vectors.ts'

interface Vector {
  readonly id: string
  readonly bytes: string
  readonly value: string
  readonly canonical: boolean
}

const malformed = expect.objectContaining({ name: 'AivError', code: 'E_MALFORMED' })

describe('QUIC varints', () => {
  it('gives the four examples of RFC 9000 appendix A.1', () => {
    const examples = [
      ['c2197c5eff14e88c', 151288809941952652n],
      ['9d7f3e7d', 494878333n],
      ['7bbd', 15293n],
      ['25', 37n],
    ] as const
    for (const [hex, value] of examples) {
      expect(toHex(encodeVarint(value))).toBe(hex)
      expect(decodeVarint64(fromHex(hex), 0)).toEqual({ value, next: hex.length / 2 })
    }
  })

  it('refuses an encoding that is not the shortest', () => {
    for (const hex of ['4025', '403f', '8000003f', '80003fff', 'c000000000000001', 'c00000003fffffff'])
      expect(() => decodeVarint64(fromHex(hex), 0)).toThrow(malformed)
  })

  it('refuses what is cut at any byte', () => {
    for (const hex of ['c2197c5eff14e88c', '9d7f3e7d', '7bbd', '25']) {
      const whole = fromHex(hex)
      for (let length = 0; length < whole.length; length++)
        expect(() => decodeVarint64(whole.subarray(0, length), 0)).toThrow(malformed)
    }
  })

  it('reads numbers up to 2^53-1 and refuses to round above', () => {
    expect(decodeVarint(encodeVarint(2n ** 53n - 1n), 0).value).toBe(2 ** 53 - 1)
    expect(() => decodeVarint(encodeVarint(2n ** 53n), 0)).toThrow(malformed)
    expect(decodeVarint64(encodeVarint(MAX_VARINT), 0).value).toBe(2n ** 62n - 1n)
  })

  it('refuses to write what has no encoding', () => {
    expect(() => encodeVarint(2n ** 62n)).toThrow(RangeError)
    expect(() => encodeVarint(-1)).toThrow(RangeError)
    expect(() => encodeVarint(-1n)).toThrow(RangeError)
    expect(() => encodeVarint(1.5)).toThrow(RangeError)
    expect(() => writeVarint(new Uint8Array(8), 0, 2 ** 53)).toThrow(RangeError)
  })

  it('brings every value back, in the length that its first byte says', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, MAX_VARINT), fc.nat(9), (value, at) => {
        const encoded = encodeVarint(value)
        const padded = new Uint8Array(at + encoded.length + 3).fill(0xa5)
        padded.set(encoded, at)
        expect(decodeVarint64(padded, at)).toEqual({ value, next: at + encoded.length })
        expect(varintLengthFromFirstByte(encoded[0] as number)).toBe(encoded.length)
        if (value <= BigInt(Number.MAX_SAFE_INTEGER)) expect(varintLength(Number(value))).toBe(encoded.length)
      }),
    )
  })

  it('takes any bytes with a value or a typed error, and accepts only what it would write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 10 }), (bytes) => {
        try {
          const { value, next } = decodeVarint64(bytes, 0)
          expect(toHex(encodeVarint(value))).toBe(toHex(bytes.subarray(0, next)))
        } catch (error) {
          expect(error).toBeInstanceOf(AivError)
        }
      }),
    )
  })

  const vectors = htxVectors<Vector>('varint.json')

  describe.skipIf(vectors === undefined)('of varint.json', () => {
    it.each(vectors ?? [])('$id', ({ bytes, value, canonical }) => {
      if (!canonical) {
        expect(() => decodeVarint64(fromHex(bytes), 0)).toThrow(malformed)
        return
      }
      expect(decodeVarint64(fromHex(bytes), 0).value).toBe(BigInt(value))
      expect(toHex(encodeVarint(BigInt(value)))).toBe(bytes)
    })
  })
})
