import { describe, expect, it } from 'vitest'
import { archive, corpusProject, edgesOf, onlyProject, purlsOf, readText } from '../javascript/corpus.ts'

const SHA512 = `sha512-${Buffer.alloc(64, 5).toString('base64')}`

describe('yarn 1', () => {
  it('needs in production what Trivy finds there', async () => {
    const project = await corpusProject('yarn', 'trivy/yarn/yarn.lock')
    if (project === undefined) return
    // EXPECTED.yarn.json: the root, licensed MIT, needs jquery; promise and asap are for development.
    expect(project.root).toMatchObject({
      name: 'integration',
      version: '1.0.0',
      licenses: { declared: 'MIT' },
    })
    expect(project.components.map(({ purl, scope }) => [purl, scope])).toEqual([
      ['pkg:npm/asap@2.0.6', 'dev'],
      ['pkg:npm/jquery@3.2.1', 'required'],
      ['pkg:npm/promise@8.0.3', 'dev'],
    ])
    expect(edgesOf(project)).toEqual([
      'pkg:npm/promise@8.0.3 > pkg:npm/asap@2.0.6',
      'root > pkg:npm/jquery@3.2.1',
      'root > pkg:npm/promise@8.0.3',
    ])
  })

  it('knows the line and the archive of each package', async () => {
    const project = onlyProject(
      await readText('yarn', 'sub/yarn.lock', {
        'sub/yarn.lock': `# yarn lockfile v1


"@s/a@^1.0.0", "@s/a@~1.0.2":
  version "1.0.3"
  resolved "${archive('@s/a', '1.0.3')}#d048c44b37b0d10a7f2a3d5fee3f4333d790481f"

b@^2:
  version "2.0.0"
  resolved "${archive('b', '2.0.0')}"
  integrity ${SHA512}
  dependencies:
    "@s/a" "^1.0.0"
`,
      }),
    )
    expect(project.root.ref).toBe('path:sub')
    expect(project.components).toMatchObject([
      {
        ref: 'pkg:npm/%40s/a@1.0.3',
        downloadUrl: archive('@s/a', '1.0.3'),
        hashes: [{ algorithm: 'sha1', value: 'd048c44b37b0d10a7f2a3d5fee3f4333d790481f' }],
        occurrences: [{ path: 'sub/yarn.lock', line: 4 }],
      },
      {
        ref: 'pkg:npm/b@2.0.0',
        hashes: [{ algorithm: 'sha512', value: '05'.repeat(64) }],
        occurrences: [{ path: 'sub/yarn.lock', line: 8 }],
      },
    ])
    // Without a manifest the root is known to need only what nobody else does.
    expect(edgesOf(project)).toEqual(['pkg:npm/b@2.0.0 > pkg:npm/%40s/a@1.0.3', 'root > pkg:npm/b@2.0.0'])
    expect(project.incomplete?.get('path:sub')).toBe('incomplete')
  })

  it('finds the members of the workspace by the patterns of the manifest', async () => {
    const project = onlyProject(
      await readText('yarn', 'yarn.lock', {
        'yarn.lock': '# yarn lockfile v1\nleft-pad@^1.0.0:\n  version "1.3.0"\n',
        'package.json': { private: true, workspaces: { packages: ['packages/*', '!packages/skip'] } },
        'packages/a/package.json': { name: 'a', version: '1.0.0', dependencies: { b: '^1.0.0' } },
        'packages/b/package.json': { name: 'b', private: true, devDependencies: { 'left-pad': '^1.0.0' } },
        'packages/skip/package.json': { name: 'skip' },
        'packages/none/readme.md': '',
      }),
    )
    expect(edgesOf(project)).toEqual([
      'path:packages/a > path:packages/b',
      'path:packages/b > pkg:npm/left-pad@1.3.0',
      'root > path:packages/a',
      'root > path:packages/b',
    ])
    expect(project.components.map(({ ref, purl, scope }) => [ref, purl, scope])).toEqual([
      ['pkg:npm/left-pad@1.3.0', 'pkg:npm/left-pad@1.3.0', 'dev'],
      ['path:packages/a', 'pkg:npm/a@1.0.0', 'required'],
      ['path:packages/b', undefined, 'required'],
    ])
  })

  it('warns of what the manifest needs and the lockfile does not have', async () => {
    const { problems } = await readText('yarn', 'yarn.lock', {
      'yarn.lock': '# yarn lockfile v1\n',
      'package.json': { dependencies: { gone: '^1.0.0' }, optionalDependencies: { other: '*' } },
    })
    expect(problems).toEqual([
      {
        severity: 'warning',
        path: 'yarn.lock',
        message: 'gone@^1.0.0 is needed, but is not in the lockfile',
      },
    ])
  })

  it('names the line of a merge conflict and of an open quote', async () => {
    const conflict = await readText('yarn', 'yarn.lock', {
      'yarn.lock': 'a@1:\n  version "1.0.0"\n<<<<<<< ours\n',
    })
    expect(conflict.problems).toMatchObject([
      { severity: 'error', line: 3, message: expect.stringContaining('conflict') },
    ])
    const quote = await readText('yarn', 'yarn.lock', { 'yarn.lock': 'a@1:\n  version "1.0.0\n' })
    expect(quote.problems).toMatchObject([{ severity: 'error', line: 2 }])
    expect(quote.projects).toEqual([])
  })
})

describe('yarn 2 and later', () => {
  it('knows members, patches, aliases, folders and scopes', async () => {
    const project = onlyProject(
      await readText('yarn', 'yarn.lock', {
        'yarn.lock': `__metadata:
  version: 8
  cacheKey: 10c0

"cjs@npm:string-width@^4.0.0":
  version: 4.2.3
  resolution: "string-width@npm:4.2.3"
  checksum: 10c0/${'ab'.repeat(64)}
  languageName: node
  linkType: hard

"lib@workspace:^, lib@workspace:packages/lib":
  version: 0.0.0-use.local
  resolution: "lib@workspace:packages/lib"
  dependencies:
    near: "file:../near"
  languageName: unknown
  linkType: soft

"near@file:../near::locator=lib%40workspace%3Apackages%2Flib":
  version: 3.0.0
  resolution: "near@file:../near#../near::hash=abc&locator=lib%40workspace%3Apackages%2Flib"
  languageName: node
  linkType: hard

"top@workspace:.":
  version: 0.0.0-use.local
  resolution: "top@workspace:."
  dependencies:
    cjs: "npm:string-width@^4.0.0"
    fsevents: "npm:^2.3.2"
    lib: "workspace:^"
    typescript: "npm:^5.0.0"
  dependenciesMeta:
    fsevents:
      optional: true
  languageName: unknown
  linkType: soft

"fsevents@npm:^2.3.2":
  version: 2.3.3
  resolution: "fsevents@npm:2.3.3"
  conditions: os=darwin
  languageName: node
  linkType: hard

"typescript@npm:^5.0.0":
  version: 5.4.5
  resolution: "typescript@npm:5.4.5"
  languageName: node
  linkType: hard

"typescript@patch:typescript@npm%3A^5.0.0#optional!builtin<compat/typescript>":
  version: 5.4.5
  resolution: "typescript@patch:typescript@npm%3A5.4.5#optional!builtin<compat/typescript>::version=5.4.5&hash=5adc0c"
  languageName: node
  linkType: hard
`,
        'package.json': { name: 'top', devDependencies: { typescript: '^5.0.0' } },
      }),
    )
    expect(project.root.name).toBe('top')
    expect(purlsOf(project)).toEqual([
      'pkg:npm/fsevents@2.3.3',
      'pkg:npm/string-width@4.2.3',
      'pkg:npm/typescript@5.4.5',
    ])
    expect(edgesOf(project)).toEqual([
      'path:packages/lib > path:packages/near',
      'root > path:packages/lib',
      'root > pkg:npm/fsevents@2.3.3',
      'root > pkg:npm/string-width@4.2.3',
      'root > pkg:npm/typescript@5.4.5',
    ])
    const scopes = Object.fromEntries(project.components.map(({ name, scope }) => [name, scope]))
    expect(scopes).toMatchObject({ fsevents: 'optional', typescript: 'dev', near: 'required' })
    // That checksum is of a file that only yarn itself has.
    expect(project.components.filter(({ hashes }) => hashes !== undefined)).toEqual([])
    const typescript = project.components.find(({ name }) => name === 'typescript')
    expect(typescript?.properties?.['aiv:npm:patch']).toContain('patch:typescript@npm%3A5.4.5')
  })

  it('says of an unknown version which ones are known', async () => {
    const { problems } = await readText('yarn', 'yarn.lock', { 'yarn.lock': '__metadata:\n  version: 99\n' })
    expect(problems).toMatchObject([{ severity: 'error', message: expect.stringContaining('version "99"') }])
  })
})

it('reads version 10, which yarn 4.18 writes', async () => {
  const project = onlyProject(
    await readText('yarn', 'yarn.lock', {
      'package.json': { dependencies: { a: '1.0.0' } },
      'yarn.lock': `__metadata:
  version: 10
  cacheKey: 10c0

"a@npm:1.0.0":
  version: 1.0.0
  resolution: "a@npm:1.0.0"
  languageName: node
  linkType: hard
`,
    }),
  )
  expect(purlsOf(project)).toEqual(['pkg:npm/a@1.0.0'])
})

it('names a patched package after what was patched, not after its alias', async () => {
  const project = onlyProject(
    await readText('yarn', 'yarn.lock', {
      'yarn.lock': `__metadata:
  version: 10

"called@patch:called@npm%3A@s/real@1.0.0#./fix.patch":
  version: 1.0.0
  resolution: "called@patch:@s/real@npm%3A1.0.0#./fix.patch::version=1.0.0&hash=d11327"
  languageName: node
  linkType: hard
`,
    }),
  )
  expect(project.components).toMatchObject([
    {
      purl: 'pkg:npm/%40s/real@1.0.0',
      properties: {
        'aiv:npm:alias': 'called',
        'aiv:npm:patch': expect.stringContaining('patch:@s/real'),
      },
    },
  ])
})
