import { expect, it } from 'vitest'
import { parseImage, parseUse } from '../../../../src/lib/lint/readers/github-actions/uses.ts'
import { READERS } from '../../../../src/lib/lint/readers/index.ts'
import { edgesOf, onlyProject, readText } from '../javascript/corpus.ts'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'
const DIGEST = `sha256:${'0a'.repeat(32)}`

it('lists what the jobs of a workflow use, with lines', async () => {
  const { projects, problems } = await readText('github-actions', '.github/workflows/ci.yml', {
    '.github/workflows/ci.yml': `on: push
jobs:
  build:
    runs-on: ubuntu-latest
    container: node:20-alpine
    services:
      db: { image: "ghcr.io/owner/postgres:15@${DIGEST}" }
    steps:
      - uses: actions/checkout@${COMMIT} # v4.2.1
      - name: again
        uses: actions/checkout@${COMMIT}
      - uses: GitHub/codeql-action/init@v3
      - uses: docker://alpine:3.8
      - uses: ./.github/actions/setup
      - run: |
          uses: not/this@v1
      - uses: actions/cache@\${{ matrix.version }}
  reused:
    uses: octo-org/example/.github/workflows/reuse.yml@main
`,
  })
  const project = onlyProject({ projects, problems: [] })
  expect(project.root.ref).toBe('path:.')
  expect(project.components.map(({ ref, occurrences }) => [ref, occurrences?.[0]?.line])).toEqual([
    [`pkg:github/actions/checkout@${COMMIT}`, 9],
    ['pkg:github/github/codeql-action@v3#init', 12],
    ['pkg:docker/alpine@3.8', 13],
    ['path:.github/actions/setup', 14],
    ['pkg:github/octo-org/example@main#.github/workflows/reuse.yml', 19],
    ['pkg:docker/node@20-alpine', 5],
    [`pkg:docker/owner/postgres@${DIGEST}?repository_url=ghcr.io`, undefined],
  ])
  expect(edgesOf(project)).toHaveLength(7)
  expect(new Set(project.components.map(({ scope }) => scope))).toEqual(new Set(['dev']))
  expect(project.components[0]?.properties).toEqual({ 'aiv:github:tag': 'v4.2.1' })
  expect(problems).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('matrix.version') },
  ])
})

it('reads composite actions and actions in containers', async () => {
  const composite = onlyProject(
    await readText('github-actions', '.github/actions/setup/action.yml', {
      '.github/actions/setup/action.yml':
        'name: Set up\nruns:\n  using: composite\n  steps:\n    - uses: actions/setup-node@v4\n    - uses: ./tools/x\n',
    }),
  )
  expect(composite.root).toMatchObject({ ref: 'path:.github/actions/setup', name: 'Set up' })
  expect(edgesOf(composite)).toEqual(['root > path:tools/x', 'root > pkg:github/actions/setup-node@v4'])
  const container = onlyProject(
    await readText('github-actions', 'action.yml', {
      'action.yml': 'name: Shop window\nruns:\n  using: docker\n  image: docker://gcr.io/cloud/tool:1\n',
    }),
  )
  expect(container.root).toMatchObject({ ref: 'path:.', name: 'project' })
  expect(edgesOf(container)).toEqual(['root > pkg:docker/cloud/tool@1?repository_url=gcr.io'])
})

it('claims workflows and actions, and nothing that only looks like them', () => {
  const entry = READERS.find(({ id }) => id === 'github-actions')
  const paths = [
    '.github/workflows/ci.yml',
    'sub/.github/workflows/ci.yaml',
    '.github/actions/x/action.yml',
    'action.yaml',
    '.github/workflows/old/ci.yml',
    'workflows/ci.yml',
    'x.github/workflows/ci.yml',
    'node_modules/x/action.yml',
    '.github/workflows/readme.md',
  ]
  expect(paths.filter((path) => entry?.claims(path))).toEqual(paths.slice(0, 4))
})

it.each([
  // Examples of GitHub's workflow syntax and of the distribution specification.
  [
    'actions/heroku@main',
    { kind: 'repository', owner: 'actions', name: 'heroku', subpath: undefined, ref: 'main' },
  ],
  [
    'actions/aws/ec2@v2.0.1',
    { kind: 'repository', owner: 'actions', name: 'aws', subpath: 'ec2', ref: 'v2.0.1' },
  ],
  ['./.github/actions/my-action', { kind: 'local', path: './.github/actions/my-action' }],
  ['docker://', undefined],
  ['actions/checkout', undefined],
  ['a b/c@v1', undefined],
])('understands the use %s', (text, expected) => {
  expect(parseUse(text)).toEqual(expected)
})

it.each([
  ['alpine', [undefined, undefined, 'alpine', undefined]],
  ['docker.io/library/alpine:3', [undefined, undefined, 'alpine', '3']],
  ['localhost:5000/a/b/c:x', ['localhost:5000', 'a/b', 'c', 'x']],
  [`quay.io/o/n@${DIGEST}`, ['quay.io', 'o', 'n', DIGEST]],
])('understands the image %s', (text, [registry, namespace, name, version]) => {
  expect(parseImage(text)).toEqual({ registry, namespace, name, version })
})

it.each(['UPPER CASE', 'a/b@sha256:12', '', '/x'])('takes %o for no image', (text) => {
  expect(parseImage(text)).toBeUndefined()
})
