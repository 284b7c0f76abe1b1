import { describe, expect, it } from 'vitest'
import { concat, toHex } from '../../../src/lib/core/index.ts'
import { chooseEchConfig, unusableReason } from '../../../src/lib/tls/ech/choose-config.ts'
import {
  type EchConfig,
  encodeEchConfigList,
  parseEchConfigList,
} from '../../../src/lib/tls/ech/ech-config.ts'
import { isPublicName } from '../../../src/lib/tls/ech/public-name.ts'
import {
  base64,
  capturedEch,
  contentsOf,
  firstConfig,
  listOf,
  number,
  RFC9934_LIST,
  vector,
} from '../../support/ech-material.ts'

const CAPTURED = capturedEch()
const KNOWN = 0xfe0d
const extension = (type: number, body = new Uint8Array(0)): Uint8Array => concat(number(type), vector(body))

function onlyConfig(contents: Uint8Array): EchConfig {
  return firstConfig(parseEchConfigList(listOf([KNOWN, contents]))).config as EchConfig
}

describe('a list of ECH configurations', () => {
  it('is read as the example of RFC 9934 means it, and written back byte for byte', () => {
    const list = parseEchConfigList(base64(RFC9934_LIST))
    expect(firstConfig(list).config).toMatchObject({
      configId: 0xe7,
      kem: 0x20,
      suites: [{ kdf: 1, aead: 1 }],
      maximumNameLength: 0,
      publicName: new TextEncoder().encode('example.com'),
      extensions: [],
    })
    expect(toHex(encodeEchConfigList(list))).toBe(toHex(base64(RFC9934_LIST)))
  })

  it.skipIf(CAPTURED === undefined)('that Chromium took is written back byte for byte', () => {
    const { list } = CAPTURED as NonNullable<typeof CAPTURED>
    expect(toHex(encodeEchConfigList(parseEchConfigList(list)))).toBe(toHex(list))
  })

  it('keeps unknown versions as they are, and passes over them', () => {
    const list = listOf(
      [0xfe0a, new Uint8Array(9).fill(7)],
      [KNOWN, contentsOf({})],
      [0xff01, new Uint8Array(0)],
    )
    const parsed = parseEchConfigList(list)
    expect(parsed.map(({ version, config }) => [version, config !== undefined])).toEqual([
      [0xfe0a, false],
      [KNOWN, true],
      [0xff01, false],
    ])
    expect(encodeEchConfigList(parsed)).toEqual(list)
    expect(chooseEchConfig(parsed)?.bytes).toEqual(parsed[1]?.bytes)
  })

  it('is malformed at every length but its own', () => {
    const list = listOf([KNOWN, contentsOf({ extensions: extension(5, new Uint8Array(3)) })])
    for (let length = 0; length < list.length; length++)
      expect(() => parseEchConfigList(list.subarray(0, length)), `${length}`).toThrow(
        expect.objectContaining({ code: 'E_MALFORMED' }),
      )
    expect(() => parseEchConfigList(concat(list, new Uint8Array(1)))).toThrow('lie behind')
  })

  it.each([
    ['nothing in it', listOf()],
    ['no public key', listOf([KNOWN, contentsOf({ key: new Uint8Array(0) })])],
    ['no suite', listOf([KNOWN, contentsOf({ suites: [] })])],
    ['half a suite', listOf([KNOWN, contentsOf({ suites: [1] })])],
    ['no public name', listOf([KNOWN, contentsOf({ name: '' })])],
    ['an extension twice', listOf([KNOWN, contentsOf({ extensions: concat(extension(5), extension(5)) })])],
    ['bytes behind its contents', listOf([KNOWN, concat(contentsOf({}), Uint8Array.of(0))])],
  ])('with %s is malformed', (_what, list) => {
    expect(() => parseEchConfigList(list)).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })

  it('of more configurations than anybody publishes is too large', () => {
    const of = (count: number) =>
      listOf(...Array.from({ length: count }, () => [1, new Uint8Array(0)] as const))
    expect(parseEchConfigList(of(64))).toHaveLength(64)
    expect(() => parseEchConfigList(of(65))).toThrow(expect.objectContaining({ code: 'E_TOO_LARGE' }))
  })
})

describe('a client', () => {
  it.each([
    ['another key encapsulation', { kem: 0x10 }, /encapsulation 0x0010/],
    ['a public key of another length', { key: new Uint8Array(31) }, /31 bytes/],
    ['only unknown suites', { suites: [1, 4, 2, 1] }, /suites/],
    ['an unknown mandatory extension', { extensions: extension(0x8001) }, /0x8001/],
    ['an address as public name', { name: '192.0.2.1' }, /no host name/],
  ])('passes over a configuration with %s', (_what, changed, reason) => {
    expect(unusableReason(onlyConfig(contentsOf(changed)))).toMatch(reason)
    const list = parseEchConfigList(
      listOf([KNOWN, contentsOf(changed)], [KNOWN, contentsOf({ name: 'b.test' })]),
    )
    expect(chooseEchConfig(list)?.bytes).toEqual(list[1]?.bytes)
  })

  it('uses a configuration with an extension that it need not understand', () => {
    expect(unusableReason(onlyConfig(contentsOf({ extensions: extension(0x7fff) })))).toBeUndefined()
  })

  it('takes the first suite that it knows', () => {
    const list = parseEchConfigList(listOf([KNOWN, contentsOf({ suites: [2, 1, 1, 9, 1, 3, 1, 1] })]))
    expect(chooseEchConfig(list)?.aead).toBe(3)
  })
})

describe('a public name', () => {
  const label63 = 'a'.repeat(63)
  it.each([
    'example.com',
    'A-1.example',
    'localhost',
    '1.a',
    `${label63}.test`,
    'xn--bcher-kva.example',
    '0x1g',
  ])('is %s', (name) => {
    expect(isPublicName(name)).toBe(true)
  })

  it.each([
    '',
    '.',
    '.example',
    'example.',
    'a..b',
    '-a.example',
    'a-.example',
    'a_b.example',
    'bücher.example',
    'a b',
    `${label63}a.test`,
    '192.0.2.1',
    '1',
    'example.1',
    'example.0x',
    'example.0XaF',
    `${`${label63}.`.repeat(4)}test`,
  ])('is not %j', (name) => {
    expect(isPublicName(name)).toBe(false)
  })
})
