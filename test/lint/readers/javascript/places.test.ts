/** Addresses, paths and patterns as lockfiles write them. */
import { expect, it } from 'vitest'
import { MemoryFiles } from '../../../../src/lib/lint/readers/index.ts'
import {
  integrityHashes,
  matchesWorkspace,
  parseArchiveUrl,
  parseGitSource,
  workspaceFolders,
} from '../../../../src/lib/lint/readers/javascript/index.ts'
import { archive, readText } from './corpus.ts'

const HUB = 'git+https://github.com/o/n.git'

it.each([
  // One repository, in the spellings of npm, yarn, pnpm and bun.
  ['git+ssh://git@github.com/o/n.git#abc', `${HUB}@abc`],
  ['git+https://token@github.com/o/n.git#abc', `${HUB}@abc`],
  ['git+ssh://git@github.com:o/n#abc', `${HUB}@abc`],
  ['git://github.com/o/n.git#abc', `${HUB}@abc`],
  ['git@github.com:o/n.git#abc', `${HUB}@abc`],
  ['ssh://git@github.com/o/n.git#commit=abc', `${HUB}@abc`],
  ['https://github.com/o/n.git#commit:abc', `${HUB}@abc`],
  ['https://github.com/o/n#abc', `${HUB}@abc`],
  ['github:o/n#abc', `${HUB}@abc`],
  ['o/n#abc', `${HUB}@abc`],
  ['https://codeload.github.com/o/n/tar.gz/abc', `${HUB}@abc`],
  ['o/n#semver:^1.0.0', HUB],
  ['https://gitlab.com/g/s/n/-/archive/abc/n-abc.tar.gz', 'git+https://gitlab.com/g/s/n.git@abc'],
  ['https://gitlab.com/o/n/repository/archive.tar.gz?ref=abc', 'git+https://gitlab.com/o/n.git@abc'],
  [
    'https://gitlab.com/api/v4/projects/o%2Fn/repository/archive.tar.gz?sha=abc',
    'git+https://gitlab.com/o/n.git@abc',
  ],
  ['https://bitbucket.org/o/n/get/abc.tar.gz', 'git+https://bitbucket.org/o/n.git@abc'],
  // Elsewhere the way in is kept, and of who goes in only what all share.
  ['git+ssh://git@git.example.com:2222/o/n.git#abc', 'git+ssh://git@git.example.com:2222/o/n.git@abc'],
  ['git+https://me:pw@git.example.com/o/n.git#abc', 'git+https://git.example.com/o/n.git@abc'],
  ['git@git.example.com:o/n.git', 'git+ssh://git@git.example.com/o/n.git'],
  ['git://git.example.com/n.git#abc', 'git://git.example.com/n.git@abc'],
])('%s is %s', (text, vcsUrl) => {
  expect(parseGitSource(text)?.vcsUrl).toBe(vcsUrl)
})

it.each([
  archive('a', '1.0.0'),
  'https://example.com/a.tgz',
  '^1.2.3',
  'latest',
  '1.0.0',
  'file:../a',
  'a'.repeat(5000),
])('%.60s is no repository', (text) => {
  expect(parseGitSource(text)).toBeUndefined()
})

it.each([
  [archive('@s/a', '1.0.0'), '@s/a', undefined],
  [
    'https://npm.example.com/api/npm/repo/@s%2fa/-/a-1.0.0.tgz',
    '@s/a',
    'https://npm.example.com/api/npm/repo',
  ],
  ['https://npm.pkg.github.com/download/@s/a/1.0.0/abc', '@s/a', 'https://npm.pkg.github.com'],
  ['https://example.com/a.tgz', undefined, undefined],
])('%s holds %s of the registry %s', (text, name, registry) => {
  const found = parseArchiveUrl(text)
  expect([found?.name, found?.registry]).toEqual([name, registry])
})

it.each(['http://[', 'ftp://example.com/a', 'not an address', ''])('%j is no web address', (text) => {
  expect(parseArchiveUrl(text)).toBeUndefined()
})

it.each([
  ['packages/a', ['packages/*'], true],
  ['packages/a/b', ['packages/*'], false],
  ['packages/a/b', ['packages/**'], true],
  ['packages', ['packages/**'], true],
  ['x/y/core-z', ['./x/**/core-*'], true],
  ['x/core', ['x/core-*'], false],
  ['packages/a', ['packages/*', '!packages/a'], false],
  ['packages/a', ['!packages/a', 'packages/*'], true],
  ['a-b-c', ['a*b*c'], true],
  ['ab', ['ab*b'], false],
])('whether %s is in the workspace %j: %s', (path, patterns, matches) => {
  expect(matchesWorkspace(path, patterns)).toBe(matches)
})

it('matches hostile patterns in no time', () => {
  const path = Array.from({ length: 200 }, () => 'aaaaaaaaaaaaaaaa').join('/')
  const pattern = Array.from({ length: 100 }, () => '**/a*a*a*b').join('/')
  const started = process.cpuUsage().user
  expect(matchesWorkspace(path, [pattern])).toBe(false)
  expect(process.cpuUsage().user - started).toBeLessThan(500_000)
})

it('enters only folders that a pattern can reach', () => {
  const files = new MemoryFiles({
    'top/package.json': '{}',
    'top/packages/a/package.json': '{}',
    'top/packages/a/node_modules/x/package.json': '{}',
    'top/packages/b/c/package.json': '{}',
    'top/other/package.json': '{}',
  })
  expect(workspaceFolders('top', ['packages/*'], files)).toEqual(['packages/a'])
  expect(workspaceFolders('top', ['packages/**', 'other'], files)).toEqual([
    'other',
    'packages/a',
    'packages/b/c',
  ])
  expect(workspaceFolders('.', ['top/*'], files)).toEqual(['top/other'])
})

it('takes an integrity with several digests, and none of the wrong length', () => {
  const sha1 = Buffer.alloc(20, 1).toString('base64')
  const sha256 = Buffer.alloc(32, 2).toString('base64')
  expect(integrityHashes(`sha1-${sha1} sha256-${sha256}?opt sha512-${sha1} md9-${sha1} -x`)).toEqual([
    { algorithm: 'sha1', value: '01'.repeat(20) },
    { algorithm: 'sha256', value: '02'.repeat(32) },
  ])
})

it.each([
  ['npm', 'package-lock.json', { lockfileVersion: 3, packages: { 'node_modules/': { version: '1.0.0' } } }],
  ['npm', 'package-lock.json', { lockfileVersion: 1, dependencies: { a: { version: 'npm:@1.0.0' } } }],
  ['deno', 'deno.lock', { version: '4', npm: { '': {} } }],
  ['yarn', 'yarn.lock', '"@npm:@^1":\n  version "1.0.0"\n'],
  ['bun', 'bun.lock', { lockfileVersion: 1, packages: { a: ['@1.0.0', '', {}] } }],
  ['pnpm', 'pnpm-lock.yaml', "lockfileVersion: '9.0'\npackages:\n  '@1.0.0': {resolution: {integrity: x}}\n"],
])('%s makes no package without a name, and says so', async (id, path, lock) => {
  const { projects, problems } = await readText(id, path, { [path]: lock })
  expect(projects.flatMap(({ components }) => components)).toEqual([])
  expect(problems).toMatchObject([{ severity: 'warning' }])
})

it.each([
  ['pnpm', 'pnpm-lock.yaml', 'lockfileVersion: {a: b}\n', 'error'],
  [
    'pnpm',
    'pnpm-lock.yaml',
    "lockfileVersion: '9.0'\nimporters: {.: {dependencies: {a: {version: {b: c}}}}}\n",
    'warning',
  ],
  ['yarn', 'yarn.lock', '__metadata:\n  version: {a: b}\n', 'error'],
  [
    'yarn',
    'yarn.lock',
    '__metadata:\n  version: 8\n"a@npm:1":\n  resolution: "a@npm:1.0.0"\n  dependencies:\n    b: {c: d}\n',
    'warning',
  ],
  [
    'deno',
    'deno.lock',
    '{"version":"3","packages":{"npm":{"a@1.0.0":{"dependencies":{"b":{"toString":1}}}}}}',
    'warning',
  ],
])('%s survives a mapping where a text belongs: %#', async (id, path, lock, severity) => {
  const { problems } = await readText(id, path, { [path]: lock })
  expect(problems).toMatchObject([{ severity }])
})

it('names a package after the archive of the registry, whatever the lockfile calls it', async () => {
  const url = archive('@s/real', '2.1.3')
  const texts = {
    npm: ['package-lock.json', { lockfileVersion: 1, dependencies: { called: { version: url } } }],
    yarn: [
      'yarn.lock',
      `__metadata:\n  version: 8\n\n"called@${url}":\n  version: 2.1.3\n  resolution: "called@${url}"\n`,
    ],
  } as const
  for (const [id, [path, text]] of Object.entries(texts)) {
    const { projects } = await readText(id, path, { [path]: text })
    expect(projects[0]?.components).toMatchObject([
      {
        name: '@s/real',
        version: '2.1.3',
        purl: 'pkg:npm/%40s/real@2.1.3',
        properties: { 'aiv:npm:alias': 'called' },
      },
    ])
  }
})

it('takes no other address with /-/ in it for one of a registry', () => {
  expect(parseArchiveUrl('https://git.example.com/g/n/-/archive/v1/n-v1.tar.gz')?.name).toBeUndefined()
})
