import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatDuration,
  formatSize,
  parseDuration,
  parseHostPort,
  parseSize,
} from '../../src/lib/cli/index.ts'

describe('durations', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    ['1.5s', 1500],
    ['0', 0],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms)
  })

  it.each([
    '',
    '5',
    's',
    '-1s',
    '1e3s',
    '5 s',
    '5M',
    '99999999999999999s',
    '1s1s',
    'NaNms',
    '0x10s',
    '1constructor',
  ])('refuses %j as wrong usage', (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it('are written for people', () => {
    expect([250, 1500, 125_000, 3_720_000].map(formatDuration)).toEqual([
      '250 ms',
      '1.5 s',
      '2 m 5 s',
      '1 h 2 m',
    ])
  })
})

describe('sizes', () => {
  it.each([
    ['4096', 4096],
    ['64KiB', 65_536],
    ['10MB', 10_000_000],
    ['1.5MiB', 1_572_864],
    ['1GiB', 1_073_741_824],
    ['7B', 7],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  it.each(['', 'KiB', '-1', '1kib', '10 MB', '9999999999999999TiB', '1toString'])('refuses %j', (text) => {
    expect(() => parseSize(text)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it('are written for people', () => {
    expect([0, 1023, 1536, 5_368_709_120].map(formatSize)).toEqual(['0 B', '1023 B', '1.5 KiB', '5.0 GiB'])
  })
})

it('any text is a number or wrong usage, never anything else', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const parse of [parseDuration, parseSize]) {
        try {
          expect(Number.isSafeInteger(parse(text))).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ code: 'E_USAGE' })
        }
      }
    }),
  )
})

describe('HOST:PORT', () => {
  it.each([
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['[::1]:443', '::1', 443],
    ['example.org:0', 'example.org', 0],
    [':1080', '', 1080],
  ])('%s', (text, host, port) => {
    expect(parseHostPort(text)).toEqual({ host, port })
  })

  it.each(['', 'host', 'host:', 'host:65536', '::1:80', 'host:80x', '[::1]'])('refuses %j', (text) => {
    expect(() => parseHostPort(text)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })
})
