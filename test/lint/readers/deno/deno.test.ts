/** The forms of the versions are those of denoland/deno_lockfile (tests/specs). */
import { expect, it } from 'vitest'
import { edgesOf, onlyProject, readCorpus, readText } from '../javascript/corpus.ts'

const SHA512 = `sha512-${Buffer.alloc(64, 3).toString('base64')}`
const SHA256 = '0a'.repeat(32)
const EDGES = [
  'pkg:jsr/%40scope/a@0.0.1 > pkg:jsr/%40scope/b@0.0.1',
  'pkg:jsr/%40scope/a@0.0.1 > pkg:npm/ts-morph@21.0.1',
  'pkg:npm/autoprefixer@10.4.16 > pkg:npm/postcss@8.4.31',
  'pkg:npm/ts-morph@21.0.1 > pkg:npm/postcss@8.4.31',
  'root > pkg:jsr/%40scope/a@0.0.1',
  'root > pkg:npm/autoprefixer@10.4.16',
]

it('reads version 3', async () => {
  const project = onlyProject(
    await readText('deno', 'deno.lock', {
      'deno.lock': {
        version: '3',
        packages: {
          specifiers: {
            'jsr:@scope/a@^0.0': 'jsr:@scope/a@0.0.1',
            'jsr:@scope/b': 'jsr:@scope/b@0.0.1',
            'npm:ts-morph': 'npm:ts-morph@21.0.1',
            'npm:autoprefixer@10.4.16': 'npm:autoprefixer@10.4.16_postcss@8.4.31',
          },
          jsr: {
            '@scope/a@0.0.1': { integrity: SHA256, dependencies: ['jsr:@scope/b', 'npm:ts-morph'] },
            '@scope/b@0.0.1': { integrity: SHA256 },
          },
          npm: {
            'ts-morph@21.0.1': { integrity: SHA512, dependencies: { alias: 'postcss@8.4.31' } },
            'autoprefixer@10.4.16_postcss@8.4.31': {
              integrity: SHA512,
              dependencies: { postcss: 'postcss@8.4.31' },
            },
            'postcss@8.4.31': { integrity: SHA512, dependencies: {} },
          },
        },
        remote: {},
        workspace: { dependencies: ['jsr:@scope/a@^0.0', 'npm:autoprefixer@10.4.16'] },
      },
    }),
  )
  expect(edgesOf(project)).toEqual(EDGES)
})

it.each(['4', '5'])('reads version %s, and says the same', async (version) => {
  const project = onlyProject(
    await readText('deno', 'deno.lock', {
      'deno.json': '{ // the name\n "name": "@me/app", "version": "1.2.3", }',
      'deno.lock': {
        version,
        specifiers: {
          'jsr:@scope/a@^0.0': '0.0.1',
          'jsr:@scope/b': '0.0.1',
          'npm:ts-morph': '21.0.1',
          'npm:autoprefixer@10.4.16': '10.4.16_postcss@8.4.31',
        },
        jsr: {
          '@scope/a@0.0.1': { integrity: SHA256, dependencies: ['jsr:@scope/b', 'npm:ts-morph'] },
          '@scope/b@0.0.1': { integrity: SHA256 },
        },
        npm: {
          'ts-morph@21.0.1': { integrity: SHA512, dependencies: ['alias@npm:postcss@8.4.31'] },
          'autoprefixer@10.4.16_postcss@8.4.31': { integrity: SHA512, dependencies: ['postcss'] },
          'postcss@8.4.31': { integrity: SHA512 },
        },
        workspace: { dependencies: ['jsr:@scope/a@^0.0', 'npm:autoprefixer@10.4.16'] },
      },
    }),
  )
  expect(project.root).toMatchObject({ name: '@me/app', version: '1.2.3' })
  expect(edgesOf(project)).toEqual(EDGES)
  const jsr = project.components.find(({ name }) => name === '@scope/a')
  // It is the digest of a description of the version, not of an archive.
  expect(jsr?.hashes).toBeUndefined()
  expect(jsr?.properties).toEqual({ 'aiv:jsr:integrity': SHA256 })
})

it('knows members of a workspace, and what their manifests need', async () => {
  const project = onlyProject(
    await readText('deno', 'deno.lock', {
      'deno.lock': {
        version: '5',
        specifiers: { 'npm:chalk@^5': '5.3.0' },
        npm: { 'chalk@5.3.0': { integrity: SHA512, optionalDependencies: ['absent'] } },
        workspace: { members: { 'packages/a': { packageJson: { dependencies: ['npm:chalk@^5'] } } } },
      },
    }),
  )
  expect(edgesOf(project)).toEqual(['path:packages/a > pkg:npm/chalk@5.3.0', 'root > path:packages/a'])
})

it.each([
  ['1', (remote: object) => remote],
  ['2', (remote: object) => ({ version: '2', remote })],
])('reads modules by their address in version %s', async (_, lockOf) => {
  const url = 'https://deno.land/std@0.140.0/path/mod.ts'
  const { projects, problems } = await readText('deno', 'deno.lock', {
    'deno.lock': lockOf({
      [url]: SHA256,
      'https://user:secret@example.com/x.ts?token=1': SHA256,
      'file:///etc': 'x',
    }),
  })
  expect(projects[0]?.components).toMatchObject([
    {
      ref: 'pkg:generic/mod.ts@0.140.0?download_url=https:%2F%2Fdeno.land%2Fstd%400.140.0%2Fpath%2Fmod.ts',
      type: 'file',
      version: '0.140.0',
      downloadUrl: url,
      hashes: [{ algorithm: 'sha256', value: SHA256 }],
    },
    { downloadUrl: 'https://example.com/x.ts' },
  ])
  expect(JSON.stringify(projects)).not.toContain('secret')
  expect(problems).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('no web address') },
  ])
})

it('says of an unknown version which ones are known', async () => {
  const { problems } = await readText('deno', 'deno.lock', { 'deno.lock': { version: '2000' } })
  expect(problems).toMatchObject([{ severity: 'error', message: expect.stringContaining('1 to 5') }])
})

it('names the line of what is no JSON', async () => {
  const result = await readCorpus('deno', 'syft/javascript/deno/corrupt/deno.lock')
  if (result === undefined) return
  expect(result.problems).toMatchObject([{ severity: 'error', path: 'deno.lock', line: 3 }])
})

it('takes how the members of a workspace need packages from their own manifests', async () => {
  const project = onlyProject(
    await readText('deno', 'deno.lock', {
      'package.json': { name: 'app', workspaces: ['a', 'b'], dependencies: { x: '1.0.0' } },
      'a/package.json': { name: '@w/a', version: '1.0.0', dependencies: { '@w/b': '1.0.0' } },
      'b/package.json': { name: '@w/b', version: '1.0.0', devDependencies: { x: '2.0.0' } },
      'deno.lock': {
        version: '5',
        specifiers: { 'npm:x@1.0.0': '1.0.0', 'npm:x@2.0.0': '2.0.0' },
        npm: { 'x@1.0.0': { integrity: SHA512 }, 'x@2.0.0': { integrity: SHA512 } },
        workspace: {
          packageJson: { dependencies: ['npm:x@1.0.0'] },
          members: {
            a: { packageJson: { dependencies: ['npm:@w/b@1.0.0'] } },
            b: { packageJson: { dependencies: ['npm:x@2.0.0'] } },
          },
        },
      },
    }),
  )
  expect(project.components.map(({ ref, scope }) => [ref, scope])).toEqual([
    ['pkg:npm/x@1.0.0', 'required'],
    ['pkg:npm/x@2.0.0', 'dev'],
    ['path:a', 'required'],
    ['path:b', 'required'],
  ])
  expect(edgesOf(project)).toEqual([
    'path:a > path:b',
    'path:b > pkg:npm/x@2.0.0',
    'root > path:a',
    'root > path:b',
    'root > pkg:npm/x@1.0.0',
  ])
})
