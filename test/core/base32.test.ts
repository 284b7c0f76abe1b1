import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AivError, decodeBase32, encodeBase32, fromHex, toHex, utf8 } from '../../src/lib/core/index.ts'
import { htxVectors } from '../support/session-vectors.ts'

const malformed = expect.objectContaining({ name: 'AivError', code: 'E_MALFORMED' })

/** RFC 4648 section 10, lower case and without padding. */
const RFC_4648 = [
  ['', ''],
  ['f', 'my'],
  ['fo', 'mzxq'],
  ['foo', 'mzxw6'],
  ['foob', 'mzxw6yq'],
  ['fooba', 'mzxw6ytb'],
  ['foobar', 'mzxw6ytboi'],
] as const

describe('base32', () => {
  it.each(RFC_4648)('writes %j as RFC 4648 does', (text, encoded) => {
    expect(encodeBase32(utf8(text))).toBe(encoded)
    expect(decodeBase32(encoded)).toEqual(utf8(text))
  })

  it('refuses every second spelling of the same bytes', () => {
    for (const text of [
      'MY',
      'my======',
      'mz',
      'mzxx',
      'm',
      'mzxw6y',
      'mzx',
      'my ',
      '0',
      '1',
      '8',
      'm\u00e9',
      '\ud83d\ude00',
    ])
      expect(() => decodeBase32(text)).toThrow(malformed)
  })

  it('brings all bytes back, and accepts no text that it would not write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(toHex(decodeBase32(encodeBase32(bytes)))).toBe(toHex(bytes))
      }),
    )
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz234567'), maxLength: 20 }),
        (text) => {
          let bytes: Uint8Array
          try {
            bytes = decodeBase32(text)
          } catch (error) {
            expect(error).toBeInstanceOf(AivError)
            return
          }
          expect(encodeBase32(bytes)).toBe(text)
        },
      ),
    )
  })

  const keys = htxVectors<Record<string, string | undefined>>('peer-ids.json')?.filter(
    ({ x25519_public }) => x25519_public !== undefined,
  )

  describe.skipIf(keys === undefined)('of peer-ids.json', () => {
    it.each(keys ?? [])('$id', ({ x25519_public, x }) => {
      expect(encodeBase32(fromHex(x25519_public as string))).toBe(x)
      expect(toHex(decodeBase32(x as string))).toBe(x25519_public)
    })
  })
})
