import { describe, expect, it } from 'vitest'
import { poetryReader } from '../../../../src/lib/lint/readers/python/poetry.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { cleanProject, component, edgesOf, onlyProject, purlsOf, readAt, readTexts } from '../lock-text.ts'
import { hasTomlJudge, judgedByPython } from './toml-judge.ts'

const data = conformancePath('lint', 'lockfiles')
const isJudged = data !== undefined && hasTomlJudge()
const real = `${data}/real/poetry/poetry.lock`

const REGISTRY_PURLS = `sorted({f"pkg:pypi/{norm(p['name'])}@{p['version']}" for p in d['package'] if 'source' not in p})`

describe.runIf(isJudged)('the lockfile of Poetry itself', () => {
  it('has its 78 packages, one of them from a repository', () => {
    const project = cleanProject(readAt(poetryReader, real))
    const purls = purlsOf(project)
    expect(purls).toHaveLength(78)
    expect(purls.filter((purl) => !purl.includes('?'))).toEqual(judgedByPython(real, REGISTRY_PURLS))
    expect(component(project, 'poetry-core')).toMatchObject({
      origin: 'git',
      source: {
        url: 'https://github.com/python-poetry/poetry-core.git',
        revision: 'e3998b0e111dc03e4aa721fd054c48e5c7de6fc5',
      },
      purl: 'pkg:pypi/poetry-core@2.4.1?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fpython-poetry%2Fpoetry-core.git%40e3998b0e111dc03e4aa721fd054c48e5c7de6fc5',
    })
    expect(project.root).toMatchObject({ ref: 'path:.', name: 'poetry', version: '2.5.0.dev0' })
  })

  it('has its 87 edges, extras included', () => {
    const project = cleanProject(readAt(poetryReader, real))
    const edges = project.edges.filter(([from]) => from !== 'path:.')
    expect(new Set(edges.map(String)).size).toBe(87)
    const named = edgesOf(project)
      .filter((edge) => !edge.startsWith('poetry 2.5.0.dev0'))
      .map((edge) => edge.replace(/ \S+ -> (\S+) \S+$/, ' $1'))
    expect(named).toEqual(
      judgedByPython(
        real,
        `sorted({norm(p['name']) + ' ' + norm(n) for p in d['package'] for n in p.get('dependencies', {})})`,
      ),
    )
  })

  it('has the hashes of source archives, else of wheels', () => {
    const project = cleanProject(readAt(poetryReader, real))
    const hashes = Object.fromEntries(
      project.components.map(({ name, hashes = [] }) => [name, hashes.map(({ value }) => value).sort()]),
    )
    expect(hashes).toEqual(
      judgedByPython(
        real,
        `{p['name']: sorted({f['hash'][7:] for f in ([s for s in p['files'] if not s['file'].endswith('.whl')] or p['files'])}) for p in d['package']}`,
      ),
    )
    expect(project.components.filter(({ hashes = [] }) => hashes.length > 0)).toHaveLength(77)
  })

  it('has the scopes of its groups', () => {
    const project = cleanProject(readAt(poetryReader, real))
    const scopes = Object.fromEntries(project.components.map(({ name, scope }) => [name, scope]))
    expect(scopes).toEqual(
      judgedByPython(
        real,
        `{p['name']: 'required' if 'main' in p['groups'] else 'dev' for p in d['package']}`,
      ),
    )
  })
})

describe.runIf(isJudged)('other lockfiles of Poetry', () => {
  it.each([
    'syft/python/poetry/nested-extras/poetry.lock',
    'syft/python/poetry/multiple-extras/poetry.lock',
    'syft/python/poetry/simple-deps/poetry.lock',
    'syft/python/poetry/case-sensitivity/poetry.lock',
    'scalibr/python/poetrylock/two-packages.lock',
  ])('%s has the packages that Python sees', (name) => {
    const project = cleanProject(readAt(poetryReader, `${data}/${name}`))
    expect(purlsOf(project)).toEqual(judgedByPython(`${data}/${name}`, REGISTRY_PURLS))
  })

  it('of 0.x keep files and categories apart, and odd dependencies do no harm', () => {
    const project = cleanProject(readAt(poetryReader, `${data}/syft/python/poetry/dev-deps/poetry.lock`))
    expect(component(project, 'added-value')).toMatchObject({
      scope: 'dev',
      purl: 'pkg:pypi/added-value@0.14.2?repository_url=https:%2F%2Ftest.pypi.org%2Fsimple',
      hashes: [
        { algorithm: 'sha256', value: '8c886aee74635cec15beb64c28a90ae664526f331c1a4941e4d6ab98af232028' },
      ],
    })
    expect(project.components).toHaveLength(4)
  })

  it('name the commit and the private index', () => {
    const git = cleanProject(readAt(poetryReader, `${data}/scalibr/python/poetrylock/source-git.lock`))
    expect(component(git, 'ike').source?.revision).toBe('cd66602cd29f61a2d2e7fb995fef1e61708c034d')
    const legacy = cleanProject(readAt(poetryReader, `${data}/scalibr/python/poetrylock/source-legacy.lock`))
    expect(component(legacy, 'appdirs').purl).toBe(
      'pkg:pypi/appdirs@1.4.4?repository_url=https:%2F%2Fpiwheels.org%2Fsimple',
    )
  })

  it('without packages are projects without components', () => {
    for (const name of ['empty.lock', 'empty-file.lock'])
      expect(
        onlyProject(readAt(poetryReader, `${data}/scalibr/python/poetrylock/${name}`)).components,
      ).toEqual([])
  })
})

const LOCK = `[[package]]
name = "A"
version = "1.0"
[package.dependencies]
b = {version = "^2.0", optional = true}
c = {version = "*", optional = true}
[package.extras]
x = ["b (>=2)"]
y = ["c"]

[[package]]
name = "b"
version = "1.9"

[[package]]
name = "b"
version = "2.1"

[[package]]
name = "c"
version = "3"

[metadata]
lock-version = "2.0"
`

describe('poetry.lock', () => {
  it('leads only to the extras that are asked for, in the version that fits', () => {
    const project = cleanProject(
      readTexts(poetryReader, 'poetry.lock', {
        'poetry.lock': LOCK,
        'pyproject.toml':
          '[tool.poetry]\nname = "p"\nversion = "1"\n[tool.poetry.dependencies]\na = {version = "*", extras = ["X"]}\n[tool.poetry.group.dev.dependencies]\nc = "*"\nb = "<2"\n',
      }),
    )
    expect(edgesOf(project)).toEqual(['A 1.0 -> b 2.1', 'p 1 -> A 1.0', 'p 1 -> b 1.9', 'p 1 -> c 3'])
    expect(component(project, 'b', '2.1').scope).toBe('required')
    expect(component(project, 'b', '1.9').scope).toBe('dev')
    expect(component(project, 'c').scope).toBe('dev')
  })

  it('without pyproject.toml says that it does not know what the project asks for', () => {
    const project = cleanProject(readTexts(poetryReader, 'sub/poetry.lock', { 'sub/poetry.lock': LOCK }))
    expect(project.root).toMatchObject({ ref: 'path:sub', name: 'sub' })
    expect(project.incomplete?.get('path:sub')).toBe('incomplete')
    expect(edgesOf(project)).toEqual(['A 1.0 -> b 2.1', 'A 1.0 -> c 3', 'sub - -> A 1.0', 'sub - -> b 1.9'])
  })

  it('of an unknown version is refused, with the line', () => {
    const { projects, problems } = readTexts(poetryReader, 'poetry.lock', {
      'poetry.lock': '[metadata]\nlock-version = "3.0"\n',
    })
    expect(projects).toEqual([])
    expect(problems).toMatchObject([{ severity: 'error', path: 'poetry.lock', line: 2 }])
  })

  it('beside a pyproject.toml that does not parse is read with a warning', () => {
    const { projects, problems } = readTexts(poetryReader, 'poetry.lock', {
      'poetry.lock': LOCK,
      'pyproject.toml': '[project\n',
    })
    expect(projects[0]?.components).toHaveLength(4)
    expect(problems).toMatchObject([{ severity: 'warning', path: 'pyproject.toml', line: 1 }])
  })
})
