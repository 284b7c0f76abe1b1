import { describe, expect, it } from 'vitest'
import { partyOf } from '../../../src/lib/lint/installed/manifest/party.ts'
import { repositoryOwner, sourceOf, webUrl } from '../../../src/lib/lint/installed/manifest/urls.ts'

describe('a party in a manifest', () => {
  it.each([
    ['Ada Lovelace', { kind: 'person', name: 'Ada Lovelace' }],
    ['Ada <ada@example.org>', { kind: 'person', name: 'Ada', email: 'ada@example.org' }],
    ['Ada (https://example.org)', { kind: 'person', name: 'Ada', url: 'https://example.org' }],
    ['Google LLC', { kind: 'organization', name: 'Google LLC' }],
    [
      'The Babel Team (https://babel.dev/team)',
      { kind: 'organization', name: 'The Babel Team', url: 'https://babel.dev/team' },
    ],
    [
      { name: 'Ada', email: 'ada@example.org', url: 'https://example.org' },
      { kind: 'person', name: 'Ada', email: 'ada@example.org', url: 'https://example.org' },
    ],
    [
      { name: 'Ada', homepage: 'javascript:alert(1)', email: 'no mail' },
      { kind: 'person', name: 'Ada' },
    ],
    ['Ada\nCreator: Tool: forged', { kind: 'person', name: 'Ada Creator: Tool: forged' }],
  ])('%j is read', (value, party) => {
    expect(partyOf(value)).toEqual(party)
  })

  it.each([
    [''],
    [undefined],
    [3],
    [[]],
    ['<ada@example.org>'],
    ['UNKNOWN'],
    ['x'.repeat(10_000)],
    [{ email: 'a@b' }],
  ])('%j names nobody', (value) => {
    expect(partyOf(value)).toBeUndefined()
  })
})

describe('the place of the code', () => {
  it.each([
    ['git+https://github.com/ada/left.git', 'https://github.com/ada/left.git'],
    ['git://github.com/ada/left.git', 'https://github.com/ada/left.git'],
    ['git+ssh://git@github.com/ada/left.git', 'https://github.com/ada/left.git'],
    ['ssh://git@github.com:22/ada/left', 'https://github.com/ada/left'],
    ['git@github.com:ada/left.git', 'https://github.com/ada/left.git'],
    ['http://github.com/ada/left', 'https://github.com/ada/left'],
    ['https://github.com/ada/left#readme', 'https://github.com/ada/left'],
    ['ada/left', 'https://github.com/ada/left'],
    ['ada/left#main', 'https://github.com/ada/left'],
    ['github:ada/left', 'https://github.com/ada/left'],
    ['gitlab:ada/group/left', 'https://gitlab.com/ada/group/left'],
    ['gist:0123abcd', 'https://gist.github.com/0123abcd'],
    ['git@example.org:ada/left.git', 'git+ssh://example.org/ada/left.git'],
    ['https://user:secret@example.org/left.git', 'https://example.org/left.git'],
    ['git+https://token@github.com/ada/left.git', 'https://github.com/ada/left.git'],
  ])('%s is %s', (text, url) => {
    expect(sourceOf(text)?.url).toBe(url)
  })

  it.each([
    [''],
    ['nothing'],
    ['file:///etc/passwd'],
    ['javascript:alert(1)'],
    ['https://'],
    ['x'.repeat(5000)],
    ['../left'],
  ])('%s is none', (text) => {
    expect(sourceOf(text)).toBeUndefined()
  })

  it('names a commit only where there is a whole one', () => {
    const commit = '0123456789abcdef0123456789abcdef01234567'
    expect(sourceOf('ada/left', commit)?.revision).toBe(commit)
    expect(sourceOf('ada/left', 'v1.0.0')?.revision).toBeUndefined()
  })

  it('tells its owner where the host has owners', () => {
    expect(repositoryOwner({ url: 'https://github.com/ada/left.git' })).toEqual({
      name: 'ada',
      url: 'https://github.com/ada',
    })
    expect(repositoryOwner({ url: 'https://example.org/ada/left.git' })).toBeUndefined()
  })
})

describe('an address of the web', () => {
  it.each([
    ['https://host.example/a?access_token=secret', 'https://host.example/a'],
    ['https://example.org', 'https://example.org'],
    [' https://example.org/a ', 'https://example.org/a'],
    ['https://ada:secret@example.org/a', 'https://example.org/a'],
    ['https://example.org/a b', 'https://example.org/a%20b'],
    ['https://example.org/\u00e9', 'https://example.org/%C3%A9'],
    ['ftp://example.org', undefined],
    ['example.org', undefined],
    ['javascript:alert(1)', undefined],
    [undefined, undefined],
  ])('%s is written as %s', (text, url) => {
    expect(webUrl(text)).toBe(url)
  })
})
