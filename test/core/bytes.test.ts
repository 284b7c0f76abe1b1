import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compare,
  concat,
  equal,
  fromHex,
  fromUtf8,
  isAllZero,
  readU16,
  readU24,
  readU32,
  readU64,
  toHex,
  u16,
  u32,
  u64,
  utf8,
  writeU16,
  writeU24,
  writeU32,
} from '../../src/lib/core/index.ts'

const malformed = expect.objectContaining({ name: 'AivError', code: 'E_MALFORMED' })

describe('bytes', () => {
  it('reads and writes hex of either case and nothing else', () => {
    expect(fromHex('00FfA5')).toEqual(Uint8Array.of(0, 255, 0xa5))
    expect(toHex(Uint8Array.of(0, 255, 0xa5))).toBe('00ffa5')
    for (const text of ['0', 'zz', '0x00', ' 00', '00\n', '0\u00e90'])
      expect(() => fromHex(text)).toThrow(malformed)
  })

  it('reads long hex', () => {
    expect(fromHex('a5'.repeat(4_000_000)).length).toBe(4_000_000)
  })

  it('keeps hex of a view to the view', () => {
    expect(toHex(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))).toBe('0203')
  })

  it('decodes UTF-8 strictly and keeps a byte-order mark', () => {
    expect(fromUtf8(utf8('\ufeffh\u00e9'))).toBe('\ufeffh\u00e9')
    for (const hex of ['c080', 'eda080', 'f4908080', 'ff', 'e6b0'])
      expect(() => fromUtf8(fromHex(hex))).toThrow(malformed)
  })

  it('writes integers big-endian and reads them back', () => {
    expect(toHex(concat(u16(0x0102), u32(0x03040506), u64(0x0708090a0b0c0d0en)))).toBe(
      '0102030405060708090a0b0c0d0e',
    )
    fc.assert(
      fc.property(
        fc.nat(0xffff),
        fc.nat(0xffffff),
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.bigInt(0n, 2n ** 64n - 1n),
        (a, b, c, d) => {
          const out = new Uint8Array(9)
          writeU16(out, 0, a)
          writeU24(out, 2, b)
          writeU32(out, 5, c)
          const view = new DataView(out.buffer)
          expect(view.getUint16(0)).toBe(a)
          expect(view.getUint8(2) * 0x10000 + view.getUint16(3)).toBe(b)
          expect(view.getUint32(5)).toBe(c)
          expect([readU16(out, 0), readU24(out, 2), readU32(out, 5), readU64(u64(d), 0)]).toEqual([
            a,
            b,
            c,
            d,
          ])
        },
      ),
    )
  })

  it('compares as memcmp does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5 }), fc.uint8Array({ maxLength: 5 }), (a, b) => {
        expect(Math.sign(compare(a, b))).toBe(Buffer.compare(a, b))
        expect(equal(a, b)).toBe(Buffer.compare(a, b) === 0)
      }),
    )
  })

  it('knows all zeros from one bit', () => {
    expect(isAllZero(new Uint8Array(32))).toBe(true)
    expect(isAllZero(new Uint8Array(0))).toBe(true)
    for (let bit = 0; bit < 256; bit++) {
      const bytes = new Uint8Array(32)
      bytes[bit >>> 3] = 1 << (bit & 7)
      expect(isAllZero(bytes)).toBe(false)
    }
  })
})
