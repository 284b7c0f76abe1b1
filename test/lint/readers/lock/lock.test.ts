import { describe, expect, it } from 'vitest'
import {
  base64Hash,
  gitLocation,
  hexHash,
  isOutside,
  publicUrl,
  resolveInside,
  unneeded,
  vcsUrl,
} from '../../../../src/lib/lint/readers/lock/index.ts'

describe('an address in a lockfile', () => {
  it.each([
    ['https://user:pass@host.example/a?b=1#c', 'https://host.example/a?b=1#c'],
    ['https://host.example/a.zip?token=secret&b=1', 'https://host.example/a.zip'],
    ['https://host.example/a?sig=x', 'https://host.example/a'],
    ['https://host.example/a#access_token=x', 'https://host.example/a'],
    ['https://mirror.example/https://user:pass@host.example/a', undefined],
    ['https://host.example/design?b=1', 'https://host.example/design?b=1'],
    ['http://host.example', 'http://host.example/'],
    ['ftp://host.example/a', undefined],
    ['javascript:alert(1)', undefined],
    ['/etc/passwd', undefined],
    ['', undefined],
  ])('%s is published as %s', (text, url) => {
    expect(publicUrl(text)).toBe(url)
  })

  it.each([
    ['https://github.com/o/r.git', 'https://github.com/o/r.git', 'git+https://github.com/o/r.git'],
    ['git+https://me:pw@github.com/o/r', 'https://github.com/o/r', 'git+https://github.com/o/r'],
    ['git@github.com:o/r.git', 'https://github.com/o/r.git', 'git+ssh://git@github.com/o/r.git'],
    [
      'ssh://git@git.example.org:2222/o/r',
      'ssh://git.example.org:2222/o/r',
      'git+ssh://git@git.example.org:2222/o/r',
    ],
    ['ssh://u:pw@git.example.org/o/r', 'ssh://git.example.org/o/r', 'git+ssh://git.example.org/o/r'],
    ['git://github.com/o/r', 'https://github.com/o/r', 'git+git://github.com/o/r'],
    ['git.example.org:o/r.git', 'ssh://git.example.org/o/r.git', 'git+ssh://git@git.example.org/o/r.git'],
  ])('%s of Git has a page and a location', (text, url, vcs) => {
    expect(gitLocation(text)).toMatchObject({ url, vcs })
    expect(vcsUrl(gitLocation(text)!, 'c0ffee')).toBe(`${vcs}@c0ffee`)
  })

  it.each([
    'https:/user:secret@host.example/r',
    'https:user:secret@host.example/r',
    'git+https:\\\\user:secret@host.example/r',
  ])('that lacks a slash or has others, %s, keeps no password', (text) =>
    expect(gitLocation(text)).toMatchObject({ vcs: 'git+https://host.example/r' }),
  )

  it.each([
    '',
    'https://mirror.example/https://u:pw@host.example/r',
    '../r',
    '/srv/git/r',
    'C:\\git\\r',
    'file:///srv/git/r',
    'ext::sh -c x',
  ])('%s of Git is none that others can use', (text) => {
    expect(gitLocation(text)).toBeUndefined()
  })

  it('of any length is judged in linear time', () => {
    const started = process.cpuUsage().user
    for (const text of [
      `${'a'.repeat(200_000)}:`,
      '@'.repeat(200_000),
      `${'git@'.repeat(50_000)}:x`,
      `https://a.b/${'/'.repeat(200_000)}x`,
    ])
      gitLocation(text)
    expect(process.cpuUsage().user - started).toBeLessThan(1_000_000)
  })
})

describe('a path in a lockfile', () => {
  it.each([
    ['.', 'a/b', 'a/b', false],
    ['x/y', '../b', 'x/b', false],
    ['x', '..', '.', false],
    ['.', './a//b/./c', 'a/b/c', false],
    ['x', '..\\b', 'b', false],
    ['.', '../b', '../b', true],
    ['x', '../../../b', '../../b', true],
    ['.', '/etc/passwd', '/etc/passwd', true],
    ['.', 'C:\\x', 'C:/x', true],
  ])('from %s to %s is %s', (folder, path, resolved, outside) => {
    expect(resolveInside(folder, path)).toEqual({ path: resolved, outside })
    expect(isOutside(`path:${resolved}`)).toBe(outside)
  })
})

describe('a hash in a lockfile', () => {
  it('is hex of the right length', () => {
    expect(hexHash('sha1', 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709')?.value).toBe(
      'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    )
    expect(hexHash('sha1', 'da39')).toBeUndefined()
    expect(hexHash('md5', 'z'.repeat(32))).toBeUndefined()
  })

  it('may be base64', () => {
    // SHA-1 of nothing (FIPS 180).
    expect(base64Hash('sha1', '2jmj7l5rSw0yVb/vlWAYkK/YBwk=')?.value).toBe(
      'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    )
    expect(base64Hash('sha1', '2jmj7l5r')).toBeUndefined()
    expect(base64Hash('sha1', 'no base64!')).toBeUndefined()
  })
})

describe('what a project asks for', () => {
  it('is what nothing else needs, and one of each circle that stands alone', () => {
    const edges = [
      ['a', 'b'],
      ['c', 'd'],
      ['d', 'c'],
      ['e', 'e'],
    ] as const
    expect(unneeded(['a', 'b', 'c', 'd', 'e'], edges)).toEqual(['a', 'e', 'c'])
  })
})
