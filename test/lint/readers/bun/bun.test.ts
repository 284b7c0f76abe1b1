import { expect, it } from 'vitest'
import { corpusProject, edgesOf, onlyProject, purlsOf, readText } from '../javascript/corpus.ts'

const SHA512 = `sha512-${Buffer.alloc(64, 9).toString('base64')}`

it('finds what Trivy finds: what is needed in production, with its edges', async () => {
  const project = await corpusProject('bun', 'trivy/bun/bun.lock')
  if (project === undefined) return
  const production = project.components.filter(({ scope }) => scope === 'required')
  // EXPECTED.bun.json leaves out what is for development.
  expect(production.map(({ purl }) => purl).sort()).toEqual([
    'pkg:npm/jquery@3.3.1',
    'pkg:npm/typescript@5.8.3',
  ])
  expect(edgesOf(project)).toEqual([
    'pkg:npm/%40types/bun@1.2.14 > pkg:npm/bun-types@1.2.14',
    'pkg:npm/%40types/node@22.15.21 > pkg:npm/undici-types@6.21.0',
    'pkg:npm/bun-types@1.2.14 > pkg:npm/%40types/node@22.15.21',
    'root > pkg:npm/%40types/bun@1.2.14',
    'root > pkg:npm/jquery@3.3.1',
    'root > pkg:npm/typescript@5.8.3',
  ])
})

it('resolves nested keys as Node does, and members of the workspace by their folder', async () => {
  const project = onlyProject(
    await readText('bun', 'bun.lock', {
      'bun.lock': `{
  "lockfileVersion": 1,
  "workspaces": {
    "": { "name": "top", "dependencies": { "chalk": "^4.0.0", "has-flag": "^2.0.0", }, },
    "packages/a": {
      "name": "@top/a", // a member
      "version": "1.0.0",
      "dependencies": { "has-flag": "^4.0.0" },
      "peerDependencies": { "absent": "*" },
      "optionalPeers": ["absent"],
    },
  },
  "packages": {
    "@top/a": ["@top/a@workspace:packages/a"],
    "@top/a/has-flag": ["has-flag@4.0.0", "", {}, "${SHA512}"],
    "chalk": ["chalk@4.1.2", "", { "dependencies": { "@top/a": "*", "supports-color": "^7.1.0" } }, "${SHA512}"],
    "chalk/supports-color": ["supports-color@7.2.0", "", { "dependencies": { "extra": "*", "has-flag": "^4.0.0" } }, "${SHA512}"],
    "chalk/extra": ["extra@1.0.0", "", {}, "${SHA512}"],
    "extra": ["extra@2.0.0", "", {}, "${SHA512}"],
    "chalk/supports-color/has-flag": ["has-flag@3.0.0", "", {}, "${SHA512}"],
    "has-flag": ["has-flag@2.0.0", "", {}, "${SHA512}"],
  },
}`,
    }),
  )
  expect(edgesOf(project)).toEqual([
    'path:packages/a > pkg:npm/has-flag@4.0.0',
    'pkg:npm/chalk@4.1.2 > path:packages/a',
    'pkg:npm/chalk@4.1.2 > pkg:npm/supports-color@7.2.0',
    'pkg:npm/supports-color@7.2.0 > pkg:npm/extra@1.0.0',
    'pkg:npm/supports-color@7.2.0 > pkg:npm/has-flag@3.0.0',
    'root > path:packages/a',
    'root > pkg:npm/chalk@4.1.2',
    'root > pkg:npm/has-flag@2.0.0',
  ])
  expect([...(project.incomplete?.keys() ?? [])]).toEqual([])
})

it('reads tuples of every length', async () => {
  const project = onlyProject(
    await readText('bun', 'bun.lock', {
      'bun.lock': {
        lockfileVersion: 0,
        workspaces: {
          '': { dependencies: { alias: 'npm:real@1' }, devDependencies: { etag: 'file:./deps/etag' } },
        },
        packages: {
          alias: ['real@1.0.0', '', {}, SHA512],
          etag: ['etag@file:deps/etag', {}],
          lab: [
            'lab@git+ssh://gitlab:o/n#1ae6dc1267500360b411ec711b8aeac8c68b2246',
            {},
            '1ae6dc1267500360b411ec711b8aeac8c68b2246',
          ],
          hub: ['hub@github:o/n#98e8ff1', {}, 'o-n-98e8ff1'],
          remote: ['remote@https://example.com/remote.tgz', {}],
          packed: ['packed@./packed.tgz', {}, SHA512],
          other: ['other@2.0.0', 'https://npm.example.com/', {}, SHA512],
        },
      },
    }),
  )
  expect(project.components.map(({ ref, origin }) => [ref, origin])).toEqual([
    ['pkg:npm/real@1.0.0', 'registry'],
    ['path:deps/etag', 'path'],
    [
      'pkg:npm/lab?vcs_url=git%2Bhttps:%2F%2Fgitlab.com%2Fo%2Fn.git%401ae6dc1267500360b411ec711b8aeac8c68b2246',
      'git',
    ],
    ['pkg:npm/hub?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fn.git%4098e8ff1', 'git'],
    ['pkg:npm/remote?download_url=https:%2F%2Fexample.com%2Fremote.tgz', 'url'],
    ['path:packed.tgz', 'path'],
    ['pkg:npm/other@2.0.0?repository_url=https:%2F%2Fnpm.example.com', 'registry'],
  ])
})

it('says what to do about the binary lockfile', async () => {
  const { problems } = await readText('bun', 'bun.lockb', { 'bun.lockb': '#!/usr/bin/env bun\n' })
  expect(problems).toMatchObject([
    { severity: 'error', message: expect.stringContaining('--save-text-lockfile') },
  ])
})

it('leaves out an entry that is no package, and reads the others', async () => {
  const { projects, problems } = await readText('bun', 'bun.lock', {
    'bun.lock': {
      lockfileVersion: 1,
      workspaces: {},
      packages: { bad: [7], good: ['good@1.0.0', '', {}, SHA512] },
    },
  })
  expect(projects.map(purlsOf)).toEqual([['pkg:npm/good@1.0.0']])
  expect(problems).toMatchObject([{ severity: 'warning', message: expect.stringContaining('"bad"') }])
})
