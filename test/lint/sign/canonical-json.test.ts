import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isAivError } from '../../../src/lib/core/index.ts'
import { canonicalJson } from '../../../src/lib/lint/sign/canonical-json.ts'
import { parseSignable } from '../../../src/lib/lint/sign/signable-json.ts'
import { REPOSITORY } from '../../support/aiv.ts'

const vectors = JSON.parse(
  readFileSync(join(REPOSITORY, 'fixtures', 'jcs', 'rfc8785.json'), 'utf8'),
) as Record<string, { readonly input: string; readonly hex: string }>

function malformed(text: string): string {
  try {
    parseSignable(text)
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return error.message
    throw error
  }
  return 'it was taken'
}

describe('the canonical form of JSON', () => {
  it.each(Object.entries(vectors))('is that of the author of RFC 8785: %s', (_, { input, hex }) => {
    expect(Buffer.from(canonicalJson(parseSignable(input))).toString('hex')).toBe(hex)
  })

  // RFC 8785 appendix B: IEEE 754 bits and the text.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555555', '333333333.3333333'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number with the bits %s as the RFC does', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text)
  })

  it('keeps a member with a name that objects inherit', () => {
    expect(canonicalJson(parseSignable('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}')
  })

  it('does not exist for half of a surrogate pair, as text or as name', () => {
    for (const text of ['["\\ud800"]', '{"\\udc00":1}'])
      expect(() => canonicalJson(parseSignable(text))).toThrow(/surrogate/)
  })
})

describe('JSON that can be signed', () => {
  it('names no member twice at any depth, whatever its spelling', () => {
    expect(malformed('{"a":1,"a":1}')).toMatch(/line 1.*"a" is there twice/)
    expect(malformed('\ufeff{"a":1,"a":1}')).toMatch(/twice/)
    expect(malformed('{"x":[{\n"a":1,"\\u0061":2}]}')).toMatch(/line 2.*twice/)
    expect(malformed('{"__proto__":1,"__proto__":2}')).toMatch(/twice/)
    expect(malformed('{"a":{"b":1},"c":{"b":1},"b":[{"b":1},{"b":1}]}')).toBe('it was taken')
  })

  it('has no number that parsers round differently', () => {
    expect(malformed('[9007199254740991, -9007199254740991, 1e30, 0.1]')).toBe('it was taken')
    expect(malformed('[9007199254740993]')).toMatch(/not exact/)
    expect(malformed('[1e999]')).toMatch(/not exact/)
  })

  it('is JSON', () => {
    expect(malformed('{"a":1,}')).toMatch(/not JSON/)
    expect(malformed('['.repeat(100_000))).toMatch(/nested/)
  })
})
