import { describe, expect, it } from 'vitest'
import { READERS } from '../../../../src/lib/lint/readers/index.ts'
import {
  archive,
  corpusProject,
  edgesOf,
  onlyProject,
  purlsOf,
  readCorpus,
  readText,
} from '../javascript/corpus.ts'

const SHA512 = `sha512-${Buffer.alloc(64, 1).toString('base64')}`
const SHA1 = `sha1-${Buffer.alloc(20, 2).toString('base64')}`

describe('versions 2 and 3', () => {
  it('resolve as Node does, from the place where a package is installed', async () => {
    const project = onlyProject(
      await readText('npm', 'package-lock.json', {
        'package-lock.json': {
          name: 'top',
          lockfileVersion: 3,
          packages: {
            '': { name: 'top', dependencies: { a: '*', b: '*' }, peerDependencies: { p: '*' } },
            'node_modules/a': { version: '1.0.0', dependencies: { b: '^1', absent: '*' } },
            'node_modules/a/node_modules/b': {
              version: '1.5.0',
              optionalDependencies: { c: '*', gone: '*' },
            },
            'node_modules/a/node_modules/c': { version: '3.0.0' },
            'node_modules/b': { version: '2.0.0', dependencies: { c: '*' } },
            'node_modules/c': { version: '4.0.0' },
            'node_modules/p': { version: '5.0.0', peer: true },
          },
        },
      }),
    )
    expect(edgesOf(project)).toEqual([
      'pkg:npm/a@1.0.0 > pkg:npm/b@1.5.0',
      'pkg:npm/b@1.5.0 > pkg:npm/c@3.0.0',
      'pkg:npm/b@2.0.0 > pkg:npm/c@4.0.0',
      'root > pkg:npm/a@1.0.0',
      'root > pkg:npm/b@2.0.0',
      'root > pkg:npm/p@5.0.0',
    ])
    expect([...(project.incomplete ?? [])]).toEqual([['pkg:npm/a@1.0.0', 'incomplete']])
  })

  it('make one component of a package at many places', async () => {
    const project = onlyProject(
      await readText('npm', 'package-lock.json', {
        'package-lock.json': {
          lockfileVersion: 2,
          packages: {
            '': {},
            'node_modules/x/node_modules/y': { version: '1.0.0', dev: true, integrity: SHA1 },
            'node_modules/y': { version: '1.0.0', optional: true, integrity: `${SHA1} ${SHA512}` },
          },
        },
      }),
    )
    expect(project.components).toMatchObject([
      {
        ref: 'pkg:npm/y@1.0.0',
        scope: 'optional',
        hashes: [
          { algorithm: 'sha1', value: '02'.repeat(20) },
          { algorithm: 'sha512', value: '01'.repeat(64) },
        ],
      },
    ])
  })

  it('know links, members of the workspace, archives and what lies outside', async () => {
    const { projects, problems } = await readText('npm', 'sub/package-lock.json', {
      'sub/package.json': { name: 'top', version: '1.0.0', workspaces: ['packages/*'] },
      'sub/packages/a/package.json': { name: '@top/a', version: '2.0.0' },
      'sub/packages/b/package.json': { name: '@top/b', version: '3.0.0', private: true },
      'sub/package-lock.json': {
        lockfileVersion: 3,
        packages: {
          '': { dependencies: { linked: 'file:linked', packed: 'file:packed.tgz', up: 'file:../../up' } },
          'node_modules/@top/a': { resolved: 'packages/a', link: true },
          'node_modules/@top/b': { resolved: 'packages/b', link: true },
          'node_modules/linked': { resolved: 'linked', link: true },
          'node_modules/packed': { version: '1.1.0', resolved: 'file:packed.tgz', integrity: SHA512 },
          'node_modules/up': { resolved: '../../up', link: true },
          'packages/a': { name: '@top/a', version: '2.0.0', dependencies: { '@top/b': '*' } },
          'packages/b': { name: '@top/b', version: '3.0.0', devDependencies: { linked: '*' } },
          linked: { version: '9.0.0' },
          '../../up': { version: '0.0.1' },
        },
      },
    })
    const project = onlyProject({ projects, problems: [] })
    expect(project.root).toMatchObject({ ref: 'path:sub', purl: 'pkg:npm/top@1.0.0' })
    expect(project.components.map(({ ref, name, purl, origin }) => [ref, name, purl, origin])).toEqual([
      ['path:sub/packed.tgz', 'packed', undefined, 'path'],
      ['path:sub/packages/a', '@top/a', 'pkg:npm/%40top/a@2.0.0', 'workspace'],
      ['path:sub/packages/b', '@top/b', undefined, 'workspace'],
      ['path:sub/linked', 'linked', undefined, 'path'],
      ['path:../up', 'up', undefined, 'path'],
    ])
    expect(edgesOf(project)).toEqual([
      'path:sub/packages/a > path:sub/packages/b',
      'path:sub/packages/b > path:sub/linked',
      'root > path:../up',
      'root > path:sub/linked',
      'root > path:sub/packages/a',
      'root > path:sub/packages/b',
      'root > path:sub/packed.tgz',
    ])
    expect(problems).toMatchObject([{ severity: 'warning', message: expect.stringContaining('outside') }])
  })

  it('write every form of the license field as one text', async () => {
    const project = onlyProject(
      await readText('npm', 'package-lock.json', {
        'package-lock.json': {
          lockfileVersion: 3,
          packages: {
            'node_modules/a': { version: '1.0.0', license: 'MIT' },
            'node_modules/b': { version: '1.0.0', license: { type: 'ISC', url: 'https://example.com' } },
            'node_modules/c': { version: '1.0.0', license: ['MIT', 'Apache-2.0 WITH LLVM-exception'] },
            'node_modules/d': { version: '1.0.0', licenses: [{ type: 'BSD' }] },
            'node_modules/e': { version: '1.0.0', license: 7 },
          },
        },
      }),
    )
    expect(project.components.map(({ licenses }) => licenses?.declared)).toEqual([
      'MIT',
      'ISC',
      'MIT OR (Apache-2.0 WITH LLVM-exception)',
      'BSD',
      undefined,
    ])
  })

  it('keep where a package comes from, without secrets', async () => {
    const project = onlyProject(
      await readText('npm', 'package-lock.json', {
        'package-lock.json': {
          lockfileVersion: 3,
          packages: {
            'node_modules/a': { version: '1.0.0', resolved: archive('a', '1.0.0') },
            'node_modules/@s/b': {
              version: '1.0.0',
              resolved: 'https://user:secret@npm.example.com/repo/@s%2fb/-/b-1.0.0.tgz?token=secret',
            },
            'node_modules/c': { version: '1.0.0', resolved: 'https://example.com/c.tgz?key=secret' },
            'node_modules/d': { version: '1.0.0', resolved: 'git+ssh://secret@git.example.com/o/d.git#abc' },
            'node_modules/e': { version: '1.0.0', resolved: 'git+https://secret@github.com/o/e.git#abc' },
          },
        },
      }),
    )
    expect(
      project.components.map(({ ref, downloadUrl, source }) => [ref, downloadUrl ?? source?.url]),
    ).toEqual([
      ['pkg:npm/a@1.0.0', archive('a', '1.0.0')],
      [
        'pkg:npm/%40s/b@1.0.0?repository_url=https:%2F%2Fnpm.example.com%2Frepo',
        'https://npm.example.com/repo/@s%2fb/-/b-1.0.0.tgz',
      ],
      ['pkg:npm/c@1.0.0?download_url=https:%2F%2Fexample.com%2Fc.tgz', 'https://example.com/c.tgz'],
      [
        'pkg:npm/d@1.0.0?vcs_url=git%2Bssh:%2F%2Fgit.example.com%2Fo%2Fd.git%40abc',
        'git+ssh://git.example.com/o/d.git',
      ],
      ['pkg:npm/e@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fe.git%40abc', 'https://github.com/o/e'],
    ])
    expect(JSON.stringify(project)).not.toContain('secret')
  })

  it('call bundled what has no archive of its own', async () => {
    const project = await corpusProject(
      'npm',
      'scalibr/javascript/packagelockjson/bundled-dependencies.v3.json',
    )
    if (project === undefined) return
    // That lockfile marks what the root will bundle; it all comes from the registry.
    expect(new Set(project.components.map(({ origin }) => origin))).toEqual(new Set(['registry']))
    const inside = onlyProject(
      await readText('npm', 'package-lock.json', {
        'package-lock.json': {
          lockfileVersion: 3,
          packages: { 'node_modules/a/node_modules/b': { version: '1.0.0', inBundle: true } },
        },
      }),
    )
    expect(inside.components[0]?.origin).toBe('bundled')
  })
})

describe('version 1', () => {
  it('resolves from the inside to the outside', async () => {
    const project = await corpusProject('npm', 'syft/javascript/pkg-lock/package-lock.json')
    if (project === undefined) return
    // By hand from the `requires` of the lockfile; three of them are not in it.
    const npm = (name: string): string => `pkg:npm/${name}`
    expect(edgesOf(project).filter((edge) => !edge.startsWith('root'))).toEqual([
      `${npm('cowsay@1.4.0')} > ${npm('get-stdin@5.0.1')}`,
      `${npm('cowsay@1.4.0')} > ${npm('optimist@0.6.1')}`,
      `${npm('cowsay@1.4.0')} > ${npm('string-width@2.1.1')}`,
      `${npm('cowsay@1.4.0')} > ${npm('strip-eof@1.0.0')}`,
      `${npm('optimist@0.6.1')} > ${npm('minimist@0.0.10')}`,
      `${npm('optimist@0.6.1')} > ${npm('wordwrap@0.0.3')}`,
      `${npm('string-width@2.1.1')} > ${npm('is-fullwidth-code-point@2.0.0')}`,
      `${npm('string-width@2.1.1')} > ${npm('strip-ansi@4.0.0')}`,
      `${npm('strip-ansi@4.0.0')} > ${npm('ansi-regex@3.0.0')}`,
    ])
    expect(project.incomplete?.get('pkg:npm/%40actions/core@1.6.0')).toBe('incomplete')
  })

  it('takes the direct dependencies from the manifest beside it', async () => {
    const project = onlyProject(
      await readText('npm', 'package-lock.json', {
        'package.json': { name: 'top', dependencies: { a: '*', b: '*' } },
        'package-lock.json': {
          lockfileVersion: 1,
          dependencies: {
            a: {
              version: '1.0.0',
              requires: { b: '*' },
              dependencies: { b: { version: '1.0.0', bundled: true } },
            },
            b: { version: '2.0.0' },
          },
        },
      }),
    )
    expect(edgesOf(project)).toEqual([
      'pkg:npm/a@1.0.0 > pkg:npm/b@1.0.0',
      'root > pkg:npm/a@1.0.0',
      'root > pkg:npm/b@2.0.0',
    ])
    expect([...(project.incomplete ?? [])]).toEqual([])
    expect(project.components.find(({ ref }) => ref === 'pkg:npm/b@1.0.0')?.origin).toBe('bundled')
  })

  it('takes what lies inside a development dependency for one', async () => {
    const project = await corpusProject('npm', 'syft/javascript/pkg-lock/nested-package-lock-1.json')
    if (project === undefined) return
    const dev = project.components.filter(({ scope }) => scope === 'dev').map(({ name }) => name)
    expect(dev.sort()).toEqual(['dev-nested', 'dev-parent'])
  })
})

describe('what is wrong', () => {
  it('is told with its line', async () => {
    const result = await readCorpus('npm', 'syft/javascript/corrupt/package-lock.json')
    if (result === undefined) return
    expect(result).toMatchObject({ projects: [], problems: [{ severity: 'error', line: 3, column: 3 }] })
  })

  it.each([
    ['[]', 'no object'],
    ['{"lockfileVersion":4}', 'lockfileVersion 4 of npm is not known; 1, 2 and 3 are'],
    ['{"lockfileVersion":"__proto__"}', 'is not known'],
    [`${'['.repeat(100_000)}`, 'nested'],
  ])('is told of %.40s', async (text, words) => {
    const { projects, problems } = await readText('npm', 'package-lock.json', { 'package-lock.json': text })
    expect(projects).toEqual([])
    expect(problems).toMatchObject([{ severity: 'error', message: expect.stringContaining(words) }])
  })

  it('does not reach the prototype of anything', async () => {
    const text =
      '{"lockfileVersion":3,"packages":{"__proto__":{"version":"1.0.0"},"node_modules/__proto__":{"version":"1.0.0","polluted":"yes"},"node_modules/constructor":{"version":"2.0.0","dependencies":{"toString":"*"}}}}'
    const project = onlyProject(await readText('npm', 'package-lock.json', { 'package-lock.json': text }))
    expect(purlsOf(project)).toEqual(['pkg:npm/__proto__@1.0.0', 'pkg:npm/constructor@2.0.0'])
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('costs no time, however deep a place lies', async () => {
    const deep = 'node_modules/a/'.repeat(100_000)
    const { projects, problems } = await readText('npm', 'package-lock.json', {
      'package-lock.json': {
        lockfileVersion: 3,
        packages: {
          [`${deep}node_modules/b`]: { version: '1.0.0', dependencies: { c: '*' } },
          [`${'node_modules/'.repeat(300)}d`]: { version: '1.0.0', dependencies: { c: '*' } },
          'node_modules/e': 'no package',
        },
      },
    })
    expect(projects.map(purlsOf)).toEqual([['pkg:npm/d@1.0.0']])
    expect(problems).toMatchObject([{ severity: 'warning', message: expect.stringContaining('left out') }])
  })

  it('a broken manifest costs only what stood in it', async () => {
    const { projects, problems } = await readText('npm', 'package-lock.json', {
      'package.json': '{',
      'package-lock.json': {
        name: 'n',
        lockfileVersion: 3,
        packages: { 'node_modules/a': { version: '1.0.0' } },
      },
    })
    expect(projects[0]?.root.name).toBe('n')
    expect(problems).toMatchObject([{ severity: 'warning', path: 'package.json' }])
  })
})

it('prefers the shrinkwrap, and leaves alone what npm writes into node_modules', () => {
  const entry = READERS.find(({ id }) => id === 'npm')
  expect(entry?.replaces).toEqual(['package-lock.json', 'package.json'])
  expect(entry?.claims('a/npm-shrinkwrap.json')).toBe(true)
  expect(entry?.claims('node_modules/.package-lock.json')).toBe(false)
  expect(entry?.claims('node_modules/x/npm-shrinkwrap.json')).toBe(false)
})
