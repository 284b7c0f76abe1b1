import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { absoluteUri, withoutCredentials } from '../../../../src/lib/lint/documents/parts/texts/uri.ts'
import { isIriReference } from '../schemas.ts'

describe('an address in a document', () => {
  test.each([
    ['https://example.com/a/b.tgz', 'https://example.com/a/b.tgz'],
    ['git@github.com:owner/name.git', 'git+ssh://git@github.com/owner/name.git'],
    ['git+ssh://git@github.com/owner/name.git#v1', 'git+ssh://git@github.com/owner/name.git#v1'],
    ['https://user:secret@example.com/x', 'https://example.com/x'],
    ['https://token@example.com/x', 'https://example.com/x'],
    ['git+ssh://git:secret@example.com/x', 'git+ssh://example.com/x'],
    ['https://example.com/a b/ü?q=[1]', 'https://example.com/a%20b/%C3%BC?q=%5B1%5D'],
    ['https://example.com/100%/x#a#b', 'https://example.com/100%25/x#a%23b'],
    ['https://[2001:db8::1]:8080/x', 'https://[2001:db8::1]:8080/x'],
    ['urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79', 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79'],
  ])('%s is written as %s', (given, written) => {
    expect(absoluteUri(given)).toBe(written)
  })

  test.each([
    '',
    'example.com/x',
    '../x',
    'https:',
    'https://exa mple.com/',
    '//example.com',
    'C:',
    ':x',
    'a:\ud800',
  ])('is none where the text is %j', (text) => {
    expect(absoluteUri(text)).toBeUndefined()
  })

  test('is absolute and valid, and stays the same when it is written again', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string({ unit: 'binary' }),
          fc.string().map((rest) => `https://h/${rest}`),
        ),
        (text) => {
          const uri = absoluteUri(text)
          if (uri === undefined) return
          expect(isIriReference(uri)).toBe(true)
          expect(uri).toMatch(/^[a-z][a-z0-9+.-]*:[\x21-\x7e]*$/i)
          expect(absoluteUri(uri)).toBe(uri)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('is what the platform takes for the same address', () => {
    fc.assert(
      fc.property(fc.webUrl({ withFragments: true, withQueryParameters: true }), (text) => {
        expect(new URL(absoluteUri(text) as string).href).toBe(new URL(text).href)
      }),
    )
  })

  test('has no password whatever it looks like', () => {
    expect(withoutCredentials('https://a:b@c@example.com/p@q')).toBe('https://example.com/p@q')
    expect(withoutCredentials('https://mirror.example/https://a:b@example.com/p')).toBe(
      'https://mirror.example/https://example.com/p',
    )
    expect(withoutCredentials('git+https://oauth2:glpat@example.com/x')).toBe('git+https://example.com/x')
    expect(withoutCredentials('https:/a:secret@example.com/x')).toBe('https:/example.com/x')
    expect(withoutCredentials('https:\\\\a:secret@example.com')).not.toContain('secret')
  })
})
