import { expect, it } from 'vitest'
import { edgesOf, onlyProject, readText } from '../javascript/corpus.ts'

const MANIFEST = {
  name: 'app',
  version: '1.0.0',
  author: 'A. Maker <maker@example.com> (https://example.com)',
  repository: 'github:maker/app',
  license: 'MIT',
  dependencies: { exact: '1.2.3', range: '^1.2.3', alias: 'npm:@s/real@2.0.0', forked: 'maker/forked#v1' },
  devDependencies: { near: 'file:./near', archive: 'https://example.com/a.tgz' },
}

it('lists what is wanted, and says that this is not what is there', async () => {
  const { projects, problems } = await readText('package-json', 'package.json', { 'package.json': MANIFEST })
  const project = onlyProject({ projects, problems })
  expect(project.root).toMatchObject({
    ref: 'path:.',
    purl: 'pkg:npm/app@1.0.0',
    author: { kind: 'person', name: 'A. Maker', email: 'maker@example.com' },
    source: { url: 'https://github.com/maker/app' },
    licenses: { declared: 'MIT' },
  })
  expect(
    project.components.map(({ ref, scope, properties }) => [ref, scope, properties?.['aiv:npm:range']]),
  ).toEqual([
    ['pkg:npm/exact@1.2.3', 'required', undefined],
    ['pkg:npm/range', 'required', '^1.2.3'],
    ['pkg:npm/%40s/real@2.0.0', 'required', undefined],
    ['pkg:npm/forked?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fmaker%2Fforked.git%40v1', 'required', undefined],
    ['path:near', 'dev', undefined],
    ['pkg:npm/archive?download_url=https:%2F%2Fexample.com%2Fa.tgz', 'dev', undefined],
  ])
  expect(project.incomplete?.get('pkg:npm/exact@1.2.3')).toBe('unknown')
  expect(problems).toMatchObject([{ severity: 'warning', message: expect.stringContaining('no lockfile') }])
})

it('adds nothing for a member of a workspace above', async () => {
  const files = { 'a/package.json': MANIFEST }
  for (const root of [
    { 'package.json': { workspaces: ['a'] } },
    { 'package.json': {}, 'pnpm-workspace.yaml': 'packages:\n  - "*"\n' },
  ])
    expect(await readText('package-json', 'a/package.json', { ...files, ...root })).toEqual({
      projects: [],
      problems: [],
    })
})

it('warns of dependencies that the lockfile above does not know, and adds nothing', async () => {
  const result = await readText('package-json', 'a/b/package.json', {
    'a/b/package.json': MANIFEST,
    'yarn.lock': '',
  })
  expect(result.projects).toEqual([])
  expect(result.problems).toEqual([
    {
      severity: 'warning',
      path: 'a/b/package.json',
      message: 'its dependencies are not in yarn.lock above it; they are left out',
    },
  ])
})

it('is silent about manifests without dependencies below the top', async () => {
  const empty = { name: 'template' }
  expect(await readText('package-json', 'x/package.json', { 'x/package.json': empty })).toEqual({
    projects: [],
    problems: [],
  })
  const top = await readText('package-json', 'package.json', { 'package.json': empty })
  expect(top.problems).toEqual([])
  expect(onlyProject(top).root.name).toBe('template')
})

it('knows the members of its own workspace', async () => {
  const project = onlyProject(
    await readText('package-json', 'package.json', {
      'package.json': { private: true, workspaces: ['packages/**'] },
      'packages/deep/a/package.json': { name: 'a', dependencies: { b: '*' } },
      'packages/b/package.json': { name: 'b', version: '2.0.0' },
    }),
  )
  expect(edgesOf(project)).toEqual([
    'path:packages/deep/a > path:packages/b',
    'root > path:packages/b',
    'root > path:packages/deep/a',
  ])
})

it('says nothing of a folder that the project above needs by its path', async () => {
  const files = {
    'package.json': { dependencies: { near: 'file:near' } },
    'package-lock.json': '{}',
    'near/package.json': { dependencies: { far: 'link:../far', a: '1.0.0' } },
    'far/package.json': { dependencies: { near: 'file:../near', b: '1.0.0' } },
    'other/package.json': { dependencies: { c: '1.0.0' } },
  }
  for (const path of ['near/package.json', 'far/package.json'])
    expect(await readText('package-json', path, files)).toEqual({ projects: [], problems: [] })
  expect((await readText('package-json', 'other/package.json', files)).problems).toMatchObject([
    { path: 'other/package.json', message: expect.stringContaining('package-lock.json above it') },
  ])
})
