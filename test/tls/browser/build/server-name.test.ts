/** Which name a hello has for a host, and for which there is no hello. */
import { describe, expect, it } from 'vitest'
import { templateById } from '../../../../src/lib/tls/index.ts'
import { generated } from './generated.ts'
import type { ReferenceHello } from './reference-reader.ts'

function nameFor(host: string): string | undefined {
  const [hello] = generated(templateById('chrome-110'), { host, count: 1 }) as [ReferenceHello]
  return hello.extensions
    .find(({ type }) => type === 0)
    ?.body.subarray(5)
    .toString('latin1')
}

/** 253 bytes, the most that the DNS has. */
const LONGEST = `${'abcdefghi.'.repeat(25)}xyz`

describe('the name in a hello', () => {
  it.each([
    ['Example.COM', 'example.com'],
    ['example.com.', 'example.com'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['BÜCHER.example', 'xn--bcher-kva.example'],
    ['例え。テスト', 'xn--r8jz45g.xn--zckzah'],
    [LONGEST, LONGEST],
    ['a-.b_c.-d', 'a-.b_c.-d'],
  ])('of %s is %s', (host, name) => {
    expect(nameFor(host)).toBe(name)
  })

  it.each(['127.0.0.1', '0x7f.1', '2130706433', '１２７.0.0.1', '::1', '[::1]', 'fe80::1%eth0'])(
    'is none for the address %s',
    (host) => {
      expect(nameFor(host)).toBeUndefined()
    },
  )

  it.each([
    '',
    '.',
    'a..b',
    'a.b..',
    'a/b',
    'a\\b',
    'a?b',
    'a#b',
    'a:443',
    'u@a',
    '%61',
    'a\tb',
    'a\nb',
    'a b',
    '\u0000',
    'a／b',
    'a％62',
    '[::1',
    '[a]',
    '*.a',
    '999.1.1.1',
    'a\ud800b',
    `${LONGEST}z`,
    `${'a'.repeat(64)}.b`,
    'ü'.repeat(60),
  ])('is never a part of %j, or something like it', (host) => {
    expect(() => nameFor(host)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })
})
