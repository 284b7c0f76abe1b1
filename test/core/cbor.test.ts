import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AivError, type CborValue, decodeCbor, encodeCbor, fromHex, toHex } from '../../src/lib/core/index.ts'

const malformed = expect.objectContaining({ name: 'AivError', code: 'E_MALFORMED' })
const tooLarge = expect.objectContaining({ name: 'AivError', code: 'E_TOO_LARGE' })

/** RFC 8949 appendix A, the rows that the deterministic profile can say. */
const INSIDE: readonly (readonly [string, CborValue])[] = [
  ['00', 0],
  ['01', 1],
  ['0a', 10],
  ['17', 23],
  ['1818', 24],
  ['1819', 25],
  ['1864', 100],
  ['1903e8', 1000],
  ['1a000f4240', 1000000],
  ['1b000000e8d4a51000', 1000000000000],
  ['1bffffffffffffffff', 18446744073709551615n],
  ['3bffffffffffffffff', -18446744073709551616n],
  ['20', -1],
  ['29', -10],
  ['3863', -100],
  ['3903e7', -1000],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['40', new Uint8Array(0)],
  ['4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['60', ''],
  ['6161', 'a'],
  ['6449455446', 'IETF'],
  ['62225c', '"\\'],
  ['62c3bc', '\u00fc'],
  ['63e6b0b4', '\u6c34'],
  ['64f0908591', '\ud800\udd51'],
  ['80', []],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  [
    '98190102030405060708090a0b0c0d0e0f101112131415161718181819',
    Array.from({ length: 25 }, (_, index) => index + 1),
  ],
  ['a0', {}],
  ['a26161016162820203', { a: 1, b: [2, 3] }],
  ['826161a161626163', ['a', { b: 'c' }]],
  ['a56161614161626142616361436164614461656145', { a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }],
]

/** RFC 8949 appendix A, the rows outside the profile: tags, floats, simple values, other keys, indefinite lengths. */
const OUTSIDE = [
  'c249010000000000000000',
  'c349010000000000000000',
  'f90000',
  'f98000',
  'f93c00',
  'fb3ff199999999999a',
  'f93e00',
  'f97bff',
  'fa47c35000',
  'fa7f7fffff',
  'fb7e37e43c8800759c',
  'f90001',
  'f90400',
  'f9c400',
  'fbc010666666666666',
  'f97c00',
  'f97e00',
  'f9fc00',
  'fa7f800000',
  'fa7fc00000',
  'faff800000',
  'fb7ff0000000000000',
  'fb7ff8000000000000',
  'fbfff0000000000000',
  'f7',
  'f0',
  'f8ff',
  'c074323031332d30332d32315432303a30343a30305a',
  'c11a514b67b0',
  'c1fb41d452d9e8200000',
  'd74401020304',
  'd818456449455446',
  'd82076687474703a2f2f7777772e6578616d706c652e636f6d',
  'a201020304',
  '5f42010243030405ff',
  '7f657374726561646d696e67ff',
  '9fff',
  '9f018202039f0405ffff',
  '9f01820203820405ff',
  '83018202039f0405ff',
  '83019f0203ff820405',
  'bf61610161629f0203ffff',
  '826161bf61626163ff',
  'bf6346756ef563416d7421ff',
]

const scalar: fc.Arbitrary<CborValue> = fc.oneof(
  fc.maxSafeInteger(),
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 40 }),
  fc.bigInt(-(2n ** 64n), 2n ** 64n - 1n).filter((value) => !Number.isSafeInteger(Number(value))),
)
const anyValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('value'), { maxLength: 6 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 6, noNullPrototype: true }),
  ),
})).value

describe('deterministic CBOR', () => {
  it.each(INSIDE)('says %s as RFC 8949 appendix A does', (hex, value) => {
    expect(toHex(encodeCbor(value))).toBe(hex)
    expect(decodeCbor(fromHex(hex))).toEqual(value)
  })

  it.each(OUTSIDE)('refuses %s of appendix A, which its profile excludes', (hex) => {
    expect(() => decodeCbor(fromHex(hex))).toThrow(malformed)
  })

  it('refuses heads that are not in their shortest form', () => {
    for (const hex of ['1800', '1817', '190000', '1900ff', '1a0000ffff', '1b00000000ffffffff'])
      expect(() => decodeCbor(fromHex(hex))).toThrow(malformed)
    for (const hex of ['3817', '5800', '580161', '7801', '780161', '980101', 'b801616101', 'f818', 'fc'])
      expect(() => decodeCbor(fromHex(hex))).toThrow(malformed)
  })

  it('sorts map keys by their encoded bytes, so that a short key comes before a long one (section 4.2.1)', () => {
    expect(toHex(encodeCbor({ aa: 1, b: 2 }))).toBe('a261620262616101')
    expect(() => decodeCbor(fromHex('a262616101616202'))).toThrow(malformed)
  })

  it('refuses a key that comes twice', () => {
    expect(() => decodeCbor(fromHex('a2616101616102'))).toThrow(malformed)
  })

  it('keeps __proto__ a key like any other', () => {
    const bytes = fromHex('a1695f5f70726f746f5f5fa1616101')
    const map = decodeCbor(bytes) as Record<string, CborValue>
    expect(Object.keys(map)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).a).toBeUndefined()
    expect(toHex(encodeCbor(map))).toBe(toHex(bytes))
  })

  it('refuses text that is not UTF-8: overlong, surrogate, cut, above U+10FFFF', () => {
    for (const hex of ['62c080', '63eda080', '62e6b0', '64f4908080', '61ff'])
      expect(() => decodeCbor(fromHex(hex))).toThrow(malformed)
  })

  it('keeps a byte-order mark, so that two texts never decode to one', () => {
    expect(decodeCbor(fromHex('64efbbbf61'))).toBe('\ufeffa')
  })

  it('believes a length only as far as there are bytes', () => {
    for (const hex of [
      '5b7fffffffffffffff',
      '9b7fffffffffffffff',
      'bb7fffffffffffffff',
      '7affffffff',
      '9affffffff00',
    ])
      expect(() => decodeCbor(fromHex(hex))).toThrow(malformed)
  })

  it('stops at its limits of nesting and of values', () => {
    expect(() => decodeCbor(fromHex(`${'81'.repeat(17)}00`))).toThrow(tooLarge)
    expect(decodeCbor(fromHex(`${'81'.repeat(16)}00`))).toBeDefined()
    expect(() => decodeCbor(fromHex('8401020304'), { depth: 1, items: 4 })).toThrow(tooLarge)
    expect(decodeCbor(fromHex('83010203'), { depth: 1, items: 4 })).toEqual([1, 2, 3])
  })

  it('refuses bytes after the value, and no bytes at all', () => {
    expect(() => decodeCbor(fromHex('0000'))).toThrow(malformed)
    expect(() => decodeCbor(new Uint8Array(0))).toThrow(malformed)
  })

  it('gives byte strings that do not change when the input does', () => {
    const input = fromHex('4401020304')
    const value = decodeCbor(input) as Uint8Array
    input.fill(0)
    expect(toHex(value)).toBe('01020304')
  })

  it('refuses to encode numbers that have no place in the profile', () => {
    for (const value of [1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 2n ** 64n, -(2n ** 64n) - 1n])
      expect(() => encodeCbor(value)).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })

  it('refuses to encode a lone surrogate, which UTF-8 cannot say and would silently replace', () => {
    for (const value of ['\ud800', 'a\udc00b', { '\ud800': 1 }, { '\ud800': 1, '\ud801': 2 }])
      expect(() => encodeCbor(value)).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })

  it('brings every value back', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const bytes = encodeCbor(value)
        const back = decodeCbor(bytes)
        expect(toHex(encodeCbor(back))).toBe(toHex(bytes))
        expect(JSON.stringify(back, show)).toBe(JSON.stringify(value, show))
      }),
    )
  })

  it('takes any bytes with a value or a typed error, and accepts only what it would write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        let value: CborValue
        try {
          value = decodeCbor(bytes)
        } catch (error) {
          expect(error).toBeInstanceOf(AivError)
          return
        }
        expect(toHex(encodeCbor(value))).toBe(toHex(bytes))
      }),
      { numRuns: 2000 },
    )
  })
})

/** Map keys in one order, integers and byte strings in words: what both sides of a round trip must agree on. */
function show(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return `h'${toHex(value)}'`
  if (Object.is(value, -0)) return 0
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return value
}

it('takes as many items as its limits allow, in both directions', () => {
  const many = Array.from({ length: 400_000 }, (_, i) => i & 1)
  const bytes = encodeCbor(many)
  // A head of five bytes for the length, and one for each item (RFC 8949 section 3).
  expect(bytes).toHaveLength(5 + many.length)
  expect(decodeCbor(bytes, { depth: 2, items: many.length + 1 })).toEqual(many)
})
