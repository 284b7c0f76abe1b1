import { describe, expect, it } from 'vitest'
import { FORMATS } from '../../../src/lib/lint/schemas/compiled/index.ts'

function holds(format: string, text: string): boolean | undefined {
  return FORMATS[format]?.(text)
}

/** RFC 3986 §1.1.2 and §5.4, RFC 3987, and addresses that package managers really write. */
const REFERENCES = [
  'ftp://ftp.is.co.za/rfc/rfc1808.txt',
  'ldap://[2001:db8::7]/c=GB?objectClass?one',
  'mailto:John.Doe@example.com',
  'tel:+1-816-555-1212',
  'urn:oasis:names:specification:docbook:dtd:xml:4.1.2',
  'git+https://github.com/a/b.git#semver:^1'.replace('^', '%5E'),
  'git+ssh://git@github.com/a/b.git',
  'http://example.com/\u00fcber?q=\u540d#\u00e9',
  './this:that',
  '../g',
  '?y',
  '#s',
  '',
  '//host/path',
]

const NO_REFERENCES = [
  'git@github.com:a/b.git',
  'http://example.com/a b',
  'http://example.com/<a>',
  'http://example.com/%zz',
  'http://example.com/a|b',
  'http://example.com/#a#b',
  'http://example.com/[a]',
  '1http://example.com',
  ':a',
  'a\nb',
]

describe('the format iri-reference', () => {
  it.each(REFERENCES)('takes %s', (text) => expect(holds('iri-reference', text)).toBe(true))
  it.each(NO_REFERENCES)('refuses %j', (text) => expect(holds('iri-reference', text)).toBe(false))
})

describe('the format date-time', () => {
  // RFC 3339 §5.8.
  it.each([
    '1985-04-12T23:20:50.52Z',
    '1996-12-19T16:39:57-08:00',
    '1990-12-31T23:59:60Z',
    '1937-01-01T12:00:27.87+00:20',
    '2024-02-29T00:00:00z',
  ])('takes %s', (text) => expect(holds('date-time', text)).toBe(true))

  it.each([
    '2023-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01',
    '2026-01-01T00:00:00Z ',
    '',
  ])('refuses %j', (text) => expect(holds('date-time', text)).toBe(false))
})

describe('the format idn-email', () => {
  it.each([
    'a@example.com',
    '\u7528\u6237@\u4f8b\u3048.jp',
    '"a b"@example.com',
    'first.last+tag@sub.example',
  ])('takes %s', (text) => expect(holds('idn-email', text)).toBe(true))
  it.each(['a', '@example.com', 'a@', 'a b@example.com', 'a@b@c', 'a@exa mple.com'])('refuses %j', (text) =>
    expect(holds('idn-email', text)).toBe(false),
  )
})

it('every format is linear in the length of a hostile text', () => {
  const started = performance.now()
  for (const check of Object.values(FORMATS))
    for (const piece of ['a', ':', '%', '#', '[', '@', '/', '0', 'a:', '%4', '"'])
      check(piece.repeat(1_000_000))
  expect(performance.now() - started).toBeLessThan(5000)
})
