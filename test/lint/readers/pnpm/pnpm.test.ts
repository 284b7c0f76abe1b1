import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { corpusFolder, corpusProject, edgesOf, onlyProject, purlsOf, readText } from '../javascript/corpus.ts'

const SHA512 = `sha512-${Buffer.alloc(64, 7).toString('base64')}`

describe('the lockfile of vuejs/core', () => {
  it('holds 620 packages, whatever number of snapshots they have', async () => {
    const project = await corpusProject('pnpm', 'real/vuejs-core/pnpm-lock.yaml')
    if (project === undefined) return
    const registry = project.components.filter(({ origin }) => origin === 'registry')
    expect(registry).toHaveLength(620)
    expect(registry.filter(({ hashes }) => hashes?.[0]?.algorithm === 'sha512')).toHaveLength(620)
    const members = project.components.filter(({ origin }) => origin === 'workspace')
    // All importers but the root.
    expect(members).toHaveLength(17)
    expect(members.find(({ ref }) => ref === 'path:packages/vue')?.purl).toMatch(/^pkg:npm\/vue@3\./)
    expect(members.find(({ ref }) => ref === 'path:packages-private/dts-test')?.purl).toBeUndefined()
  })

  it('has the edges of its snapshots and importers', async () => {
    const project = await corpusProject('pnpm', 'real/vuejs-core/pnpm-lock.yaml')
    const path = corpusFolder('real/vuejs-core/pnpm-lock.yaml')
    if (project === undefined || path === undefined) return
    const expected = edgesOfYaml(readFileSync(path, 'utf8'))
    expect(expected.size).toBeGreaterThan(900)
    const ours = edgesOf(project).map((edge) =>
      edge.replaceAll('pkg:npm/', '').replaceAll('%40', '@').replaceAll('%2B', '+'),
    )
    // A workspace root also stands above its members.
    expect(ours.filter((edge) => !expected.has(edge) && !edge.startsWith('root > path:'))).toEqual([])
    expect([...expected].filter((edge) => !ours.includes(edge))).toEqual([])
  })
})

/** The rules of version 9 (pnpm/spec, lockfile/9.0), over another parser of YAML; there are no aliases in this file. */
function edgesOfYaml(text: string): ReadonlySet<string> {
  const documents = parseAllDocuments(text)
  if (!Array.isArray(documents)) throw new Error('no documents')
  const lock = documents[0]?.toJS() as {
    snapshots: Record<string, Record<string, Record<string, string>>>
    importers: Record<string, Record<string, Record<string, { version: string }>>>
  }
  const bare = (key: string): string => key.replace(/\(.*$/, '')
  const target = (name: string, version: string, folder: string): string =>
    version.startsWith('link:')
      ? `path:${new URL(version.slice(5), `file:///${folder === '.' ? '' : `${folder}/`}`).pathname.slice(1)}`
      : `${name}@${bare(version)}`
  const edges = new Set<string>()
  for (const [key, snapshot] of Object.entries(lock.snapshots))
    for (const kind of ['dependencies', 'optionalDependencies'])
      for (const [name, version] of Object.entries(snapshot[kind] ?? {}))
        edges.add(`${bare(key)} > ${target(name, version, '.')}`)
  for (const [folder, importer] of Object.entries(lock.importers))
    for (const kind of ['dependencies', 'optionalDependencies', 'devDependencies'])
      for (const [name, { version }] of Object.entries(importer[kind] ?? {}))
        edges.add(`${folder === '.' ? 'root' : `path:${folder}`} > ${target(name, version, folder)}`)
  return edges
}

it.each(['mixed-groups.v54', 'mixed-groups.v6', 'mixed-groups.v9'])(
  'tells scopes apart in %s',
  async (name) => {
    const project = await corpusProject('pnpm', `scalibr/javascript/pnpmlock/${name}.yaml`)
    if (project === undefined) return
    const scopes = Object.fromEntries(
      project.components.map((component) => [component.name, component.scope]),
    )
    expect(scopes).toEqual({ 'ansi-regex': 'required', uuid: 'optional', 'is-number': 'dev' })
  },
)

it('reads aliases, repositories, archives, folders and patches', async () => {
  const project = onlyProject(
    await readText('pnpm', 'pnpm-lock.yaml', {
      'pnpm-lock.yaml': `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      cjs:
        specifier: npm:string-width@^4
        version: string-width@4.2.3
      positive:
        specifier: kevva/is-positive
        version: https://codeload.github.com/kevva/is-positive/tar.gz/97edff6f525f192a3f83cea1944765f769ae2678
      local:
        specifier: file:local
        version: file:local
      packed:
        specifier: file:packed.tgz
        version: file:packed.tgz
      left-pad:
        specifier: ^1
        version: 1.3.0(patch_hash=abc123)
packages:
  string-width@4.2.3:
    resolution: {integrity: ${SHA512}}
  positive@https://codeload.github.com/kevva/is-positive/tar.gz/97edff6f525f192a3f83cea1944765f769ae2678:
    resolution: {tarball: https://codeload.github.com/kevva/is-positive/tar.gz/97edff6f525f192a3f83cea1944765f769ae2678}
    version: 3.1.0
  local@file:local:
    resolution: {directory: local, type: directory}
  packed@file:packed.tgz:
    resolution: {integrity: ${SHA512}, tarball: file:packed.tgz}
    version: 2.0.0
  left-pad@1.3.0:
    resolution: {integrity: ${SHA512}}
    deprecated: use String.prototype.padStart()
snapshots:
  string-width@4.2.3: {}
  positive@https://codeload.github.com/kevva/is-positive/tar.gz/97edff6f525f192a3f83cea1944765f769ae2678: {}
  local@file:local:
    dependencies:
      cjs: string-width@4.2.3
  packed@file:packed.tgz: {}
  left-pad@1.3.0(patch_hash=abc123): {}
`,
    }),
  )
  const positive =
    'pkg:npm/positive@3.1.0?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fkevva%2Fis-positive.git%4097edff6f525f192a3f83cea1944765f769ae2678'
  expect(purlsOf(project)).toEqual(['pkg:npm/left-pad@1.3.0', positive, 'pkg:npm/string-width@4.2.3'])
  expect(edgesOf(project)).toEqual([
    'path:local > pkg:npm/string-width@4.2.3',
    'root > path:local',
    'root > path:packed.tgz',
    'root > pkg:npm/left-pad@1.3.0',
    `root > ${positive}`,
    'root > pkg:npm/string-width@4.2.3',
  ])
  const patched = project.components.find(({ name }) => name === 'left-pad')
  expect(patched?.properties).toEqual({
    'aiv:npm:deprecated': 'use String.prototype.padStart()',
    'aiv:npm:patch': 'abc123',
  })
})

it('says of an unknown version which ones are known', async () => {
  const { projects, problems } = await readText('pnpm', 'pnpm-lock.yaml', {
    'pnpm-lock.yaml': "lockfileVersion: '12.0'\n",
  })
  expect(projects).toEqual([])
  expect(problems).toMatchObject([
    {
      severity: 'error',
      path: 'pnpm-lock.yaml',
      message: 'lockfileVersion "12.0" of pnpm is not known; 5, 6, 7 and 9 are',
    },
  ])
})

it('names the line of what is no YAML', async () => {
  const { problems } = await readText('pnpm', 'pnpm-lock.yaml', {
    'pnpm-lock.yaml': "lockfileVersion: '9.0'\npackages:\n  a: [1, 2\n  b: }\n",
  })
  expect(problems).toMatchObject([{ severity: 'error', path: 'pnpm-lock.yaml' }])
  expect(problems[0]?.line).toBeGreaterThanOrEqual(3)
})

it('reads no folder outside the project', async () => {
  const { projects, problems } = await readText('pnpm', 'pnpm-lock.yaml', {
    'pnpm-lock.yaml':
      "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      up:\n        specifier: link:../up\n        version: link:../up\n",
    '../up/package.json': { name: 'secret', version: '1.0.0' },
  })
  expect(projects[0]?.components).toMatchObject([{ ref: 'path:../up', name: 'up', origin: 'path' }])
  expect(problems).toMatchObject([{ severity: 'warning', message: expect.stringContaining('outside') }])
})
