import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareObservations,
  type ObservedServer,
  profileOf,
  type RequestType,
} from '../../../../src/lib/htx/camouflage/origin/origin-profile.ts'

/** What a page load through a content network looks like. */
const PAGE: ObservedServer = {
  remoteAddress: '198.51.100.7',
  cipherSuite: 'TLS_AES_128_GCM_SHA256',
  group: 0x11ec,
  alpn: 'h2',
  wasRetried: false,
  settings: [
    [3, 100],
    [4, 65_536],
    [8, 1],
  ],
  windowUpdate: 2_147_418_112,
  headers: {
    'alt-svc': 'h3=":443"; ma=86400, h3-29=":443"',
    'cf-ray': '8f2b7c0d1e2f3a4b-FRA',
    server: 'cloudflare',
    via: '1.1 0123456789abcdef.cloudfront.net (CloudFront), 1.1 varnish',
  },
}

function fieldsOf(
  seen: Partial<ObservedServer>,
  {
    requestType = 'page',
    tolerancePercent = 15,
  }: { requestType?: RequestType; tolerancePercent?: number } = {},
): readonly string[] {
  const other = { ...PAGE, ...seen }
  return compareObservations(profileOf(PAGE), other, { tolerancePercent, requestType }).map(
    ({ field }) => field,
  )
}

const settings = (...values: readonly number[]): readonly (readonly [number, number])[] =>
  [3, 4, 8].map((id, i) => [id, values[i] ?? 0] as const)
const headers = (changed: Record<string, string>) => ({ headers: { ...PAGE.headers, ...changed } })

describe('a connection beside the profile of its origin', () => {
  it('does not deviate when it shows the same', () => {
    expect(fieldsOf({})).toEqual([])
  })

  it.each([
    ['place', headers({ 'cf-ray': '8f2b7c0d1e2f3a4b-AMS' })],
    ['cipherSuite', { cipherSuite: 'TLS_AES_256_GCM_SHA384' }],
    ['group', { group: 0x001d }],
    ['wasRetried', { wasRetried: true }],
    ['alpn', { alpn: 'http/1.1' }],
    ['settings', { settings: settings(100, 65_536, 1).toReversed() }],
    ['settings', { settings: settings(100, 65_536, 1).slice(1) }],
    ['settings', { settings: [...settings(100, 65_536, 1), [6, 1] as const] }],
    ['settings.3', { settings: settings(116, 65_536, 1) }],
    ['settings.4', { settings: settings(100, 55_705, 1) }],
    ['settings.8', { settings: settings(100, 65_536, 0) }],
    ['windowUpdate', { windowUpdate: 2_147_418_111 }],
    ['http3', headers({ 'alt-svc': 'clear' })],
    ['http3', headers({ 'alt-svc': 'h3=":443"' })],
    ['http3', { altSvc: 'h2=":443"' }],
    ['route', headers({ server: 'nginx' })],
    ['route', headers({ via: '1.1 varnish' })],
  ] as const)('deviates in %s alone when that differs: %j', (field, seen) => {
    expect(fieldsOf(seen)).toEqual([field])
  })

  it('deviates in its place where the network names none and the address is another', () => {
    const { headers: _headers, ...unnamed } = PAGE
    const tolerance = { tolerancePercent: 15, requestType: 'page' } as const
    const elsewhere = { ...unnamed, remoteAddress: '198.51.101.7' }
    expect(compareObservations(profileOf(unnamed), elsewhere, tolerance).map(({ field }) => field)).toEqual([
      'place',
    ])
  })

  it('deviates in SETTINGS and window when it shows none', () => {
    const { settings: _settings, windowUpdate: _window, ...without } = PAGE
    const tolerance = { tolerancePercent: 15, requestType: 'page' } as const
    const deviations = compareObservations(profileOf(PAGE), without, tolerance)
    expect(deviations.map(({ field }) => field)).toEqual(['settings', 'windowUpdate'])
    expect(compareObservations(profileOf(without), without, tolerance)).toEqual([])
  })

  it('may differ in what differs from one answer to the next', () => {
    const other = {
      'cf-ray': '0000000000000000-FRA',
      via: '1.1 fedcba.cloudfront.net (CloudFront), 1.1 varnish',
    }
    expect(fieldsOf({ remoteAddress: '198.51.100.250', ...headers(other) })).toEqual([])
    // Another address of a network that names the same place.
    expect(fieldsOf({ remoteAddress: '203.0.113.5' })).toEqual([])
  })

  it('is at another place when one of two networks on the way says so', () => {
    const two = { ...PAGE, ...headers({ 'x-amz-cf-pop': 'FRA56-P2' }) }
    const tolerance = { tolerancePercent: 15, requestType: 'page' } as const
    const seen = { ...two, headers: { ...two.headers, 'x-amz-cf-pop': 'AMS1-P2' } }
    expect(compareObservations(profileOf(two), seen, tolerance).map(({ field }) => field)).toEqual(['place'])
    const cluster = { ...two, headers: { ...two.headers, 'x-amz-cf-pop': 'FRA56-P9' } }
    expect(compareObservations(profileOf(two), cluster, tolerance)).toEqual([])
  })

  it('shows less before a page has come', () => {
    const { headers: _headers, ...early } = PAGE
    const tolerance = { tolerancePercent: 15, requestType: 'page' } as const
    expect(compareObservations(profileOf(PAGE), early, tolerance)).toEqual([])
    const elsewhere = { ...early, remoteAddress: '203.0.113.5' }
    expect(compareObservations(profileOf(PAGE), elsewhere, tolerance).map(({ field }) => field)).toEqual([
      'place',
    ])
  })

  it('shows TLS alone when it is one of a WebSocket, which offers http/1.1', () => {
    const webSocket: ObservedServer = {
      remoteAddress: '198.51.100.9',
      cipherSuite: PAGE.cipherSuite,
      group: PAGE.group,
      alpn: 'http/1.1',
      wasRetried: false,
    }
    const compare = (seen: ObservedServer, page = PAGE) =>
      compareObservations(profileOf(page), seen, { tolerancePercent: 0, requestType: 'ws' }).map(
        ({ field }) => field,
      )
    expect(compare(webSocket)).toEqual([])
    expect(compare({ ...webSocket, alpn: 'h2' })).toEqual(['alpn'])
    expect(compare({ ...webSocket, alpn: '' })).toEqual(['alpn'])
    expect(compare({ ...webSocket, group: 0x001d, cipherSuite: 'other' })).toEqual(['cipherSuite', 'group'])
    expect(compare({ ...webSocket, wasRetried: true })).toEqual(['wasRetried'])
    // A server that knows no ALPN chooses nothing in either connection.
    expect(compare({ ...webSocket, alpn: '' }, { ...PAGE, alpn: '' })).toEqual([])
  })
})

describe('the tolerance', () => {
  const value = fc.integer({ min: 0, max: 0xffffffff })
  const id = fc.integer({ min: 1, max: 0xffff }).filter((number) => ![2, 8, 9].includes(number))

  it('lets a value of SETTINGS be off by so many percent, and not by more', () => {
    fc.assert(
      fc.property(
        id,
        value,
        value,
        fc.integer({ min: 0, max: 100 }),
        (number, expected, seen, tolerancePercent) => {
          const [page, other] = [expected, seen].map((each) => ({
            ...PAGE,
            settings: [[number, each]] as const,
          }))
          const deviations = compareObservations(profileOf(page as ObservedServer), other as ObservedServer, {
            tolerancePercent,
            requestType: 'page',
          })
          // In integers, so that it is not the same arithmetic.
          const within =
            100n * BigInt(Math.abs(seen - expected)) <= BigInt(expected) * BigInt(tolerancePercent)
          expect(deviations.map(({ field }) => field)).toEqual(within ? [] : [`settings.${number}`])
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it.each([2, 8, 9])('turns no switch: setting %i', (number) => {
    const page = { ...PAGE, settings: [[number, 1]] as const }
    const other = { ...PAGE, settings: [[number, 0]] as const }
    const all = { tolerancePercent: 100, requestType: 'page' } as const
    expect(compareObservations(profileOf(page), other, all)).toHaveLength(1)
  })

  it('is 0 to 100 percent', () => {
    for (const tolerancePercent of [-1, 101, Number.NaN])
      expect(() => fieldsOf({}, { tolerancePercent })).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
    expect(fieldsOf({ settings: settings(101, 65_536, 1) }, { tolerancePercent: 0 })).toEqual(['settings.3'])
  })

  it('takes hostile headers in its stride, and repeats none of them as it is', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(PAGE.headers ?? {})), fc.string()),
        (hostile) => {
          const seen = { ...PAGE, headers: hostile }
          const options = { tolerancePercent: 15, requestType: 'page' } as const
          for (const { expected, seen: text } of compareObservations(profileOf(PAGE), seen, options))
            expect(`${expected}${text}`).toMatch(/^[\x20-\x7e]*$/)
        },
      ),
      { numRuns: 500 },
    )
    const long = { via: 'a '.repeat(200_000), 'alt-svc': 'h3'.repeat(200_000), 'cf-ray': '-'.repeat(200_000) }
    expect(fieldsOf(headers(long))).toContain('http3')
  })
})
