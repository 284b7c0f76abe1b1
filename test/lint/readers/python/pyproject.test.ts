import { describe, expect, it } from 'vitest'
import { pyprojectReader } from '../../../../src/lib/lint/readers/python/pyproject-reader.ts'
import { component, onlyProject, purlsOf, readTexts } from '../lock-text.ts'

const MANIFEST = `[project]
name = "My.App"
version = "0.3"
license = { text = "MIT" }
authors = [{ name = "Ann", email = "ann@example.org" }]
dependencies = ["requests[socks]>=2,<3", "six==1.16.0", "tool @ git+https://user:pw@example.org/o/tool.git@v1"]
[project.urls]
Homepage = "https://example.org"
[project.optional-dependencies]
fast = ["orjson"]
all = ["my-app[fast]"]
[dependency-groups]
test = ["pytest", { include-group = "lint" }]
lint = ["ruff~=0.5"]
`

describe('pyproject.toml without a lockfile', () => {
  it('names what is wanted, without making up versions', () => {
    const result = readTexts(pyprojectReader, 'pyproject.toml', { 'pyproject.toml': MANIFEST })
    const project = onlyProject(result)
    expect(purlsOf(project)).toEqual([
      'pkg:pypi/orjson',
      'pkg:pypi/pytest',
      'pkg:pypi/requests',
      'pkg:pypi/ruff',
      'pkg:pypi/six@1.16.0',
      'pkg:pypi/tool?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fo%2Ftool.git%40v1',
    ])
    const scopes = Object.fromEntries(project.components.map(({ name, scope }) => [name, scope]))
    expect(scopes).toEqual({
      orjson: 'optional',
      pytest: 'dev',
      requests: 'required',
      ruff: 'dev',
      six: 'required',
      tool: 'required',
    })
    expect(component(project, 'requests').properties).toEqual({ 'aiv:pypi:range': '>=2,<3' })
    expect(project.root).toMatchObject({
      name: 'My.App',
      version: '0.3',
      homepage: 'https://example.org',
      licenses: { declared: 'MIT' },
      author: { kind: 'person', name: 'Ann', email: 'ann@example.org' },
    })
    expect(result.problems).toMatchObject([{ severity: 'warning' }])
  })

  it('of Poetry is read too', () => {
    const project = onlyProject(
      readTexts(pyprojectReader, 'pyproject.toml', {
        'pyproject.toml': `[tool.poetry]
name = "p"
authors = ["Bob <bob@example.org>"]
[tool.poetry.dependencies]
python = "^3.10"
a = "^1.2"
b = { git = "https://github.com/o/b", rev = "abc" }
c = { path = "libs/c", develop = true }
d = { version = "==4", optional = true }
[tool.poetry.group.dev.dependencies]
e = "*"
`,
      }),
    )
    expect(project.components.map(({ ref, scope }) => `${ref} ${scope}`)).toEqual([
      'pkg:pypi/a required',
      'pkg:pypi/b?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fb%40abc required',
      'path:libs/c required',
      'pkg:pypi/d@4 optional',
      'pkg:pypi/e dev',
    ])
    expect(project.root.author).toEqual({ kind: 'person', name: 'Bob', email: 'bob@example.org' })
  })

  it('with two lists of dependencies believes the standard one, and Poetry on where they come from', () => {
    const project = onlyProject(
      readTexts(pyprojectReader, 'pyproject.toml', {
        'pyproject.toml': `[project]
name = "p"
dependencies = ["a>=1", "b==2"]
[tool.poetry.dependencies]
a = { git = "https://github.com/o/a", tag = "v1", optional = true }
b = "^2"
c = "*"
`,
      }),
    )
    expect(project.components.map(({ ref, scope }) => `${ref} ${scope}`)).toEqual([
      'pkg:pypi/a?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fa%40v1 required',
      'pkg:pypi/b@2 required',
      'pkg:pypi/c required',
    ])
  })

  it('is silent where a list beside it, or a lockfile above it, knows better', () => {
    const silent = { projects: [], problems: [] }
    const beside = { 'pyproject.toml': MANIFEST, 'requirements.txt': 'six==1\n' }
    expect(readTexts(pyprojectReader, 'pyproject.toml', beside)).toEqual(silent)
    const above = { 'uv.lock': '', 'packages/a/pyproject.toml': MANIFEST }
    expect(readTexts(pyprojectReader, 'packages/a/pyproject.toml', above)).toEqual(silent)
    const settings = { 'docs/pyproject.toml': '[tool.ruff]\nfix = true\n' }
    expect(readTexts(pyprojectReader, 'docs/pyproject.toml', settings)).toEqual(silent)
  })
})
