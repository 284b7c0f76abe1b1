import { describe, expect, it } from 'vitest'
import { uvReader } from '../../../../src/lib/lint/readers/python/uv.ts'
import { conformancePath } from '../../../support/conformance.ts'
import {
  cleanProject,
  component,
  edgesOf,
  onlyProject,
  purlsOf,
  readAt,
  readTexts,
  textAt,
} from '../lock-text.ts'
import { hasTomlJudge, judgedByPython } from './toml-judge.ts'

const data = conformancePath('lint', 'lockfiles')
const isJudged = data !== undefined && hasTomlJudge()
const real = `${data}/real/pydantic/uv.lock`

const REGISTRY_PURLS = `sorted({f"pkg:pypi/{norm(p['name'])}@{p['version']}" for p in d['package'] if p.get('source', {'registry': 1}).get('registry')})`

describe.runIf(isJudged)('the lockfile of pydantic', () => {
  it('has its 176 packages: 3 of them lie in the project or a repository', () => {
    const project = cleanProject(readAt(uvReader, real))
    expect([project.root, ...project.components]).toHaveLength(176)
    expect(purlsOf(project).filter((purl) => !purl.includes('?'))).toEqual(
      judgedByPython(real, REGISTRY_PURLS),
    )
    expect(project.root).toMatchObject({ ref: 'path:.', name: 'pydantic', licenses: { declared: 'MIT' } })
    expect(component(project, 'pydantic-core')).toMatchObject({
      ref: 'path:pydantic-core',
      origin: 'workspace',
    })
    expect(component(project, 'pydantic-docs')).toMatchObject({
      origin: 'git',
      source: { revision: '6f657b30593b00cf5f7c0b7eca74e83b3b6b7819' },
    })
  })

  it('has the edges that its lines give, to the version that they name', () => {
    const project = cleanProject(readAt(uvReader, real))
    const expected = judgedByPython(
      real,
      `(lambda v: sorted({f"{p['name']} {p.get('version', '-')} -> {x['name']} {w}" for p in d['package'] for x in p.get('dependencies', []) + sum(p.get('optional-dependencies', {}).values(), []) + sum(p.get('dev-dependencies', {}).values(), []) for w in ([x['version']] if 'version' in x else v[x['name']])}))({n: [q.get('version', '-') for q in d['package'] if q['name'] == n] for n in {q['name'] for q in d['package']}})`,
    ) as string[]
    const version = project.root.version ?? '-'
    const withRoot = expected.map((edge) => edge.replaceAll(/(^|> )pydantic -/g, `$1pydantic ${version}`))
    const unasked = withRoot.filter((edge) => !edgesOf(project).includes(edge))
    expect(edgesOf(project).filter((edge) => !withRoot.includes(edge))).toEqual([])
    expect(unasked).toEqual([])
  })

  it('has the hash of every source archive, else of the wheels', () => {
    const project = cleanProject(readAt(uvReader, real))
    const hashes = project.components.flatMap(({ hashes = [] }) => hashes.map(({ value }) => value)).sort()
    expect(hashes).toEqual(
      judgedByPython(
        real,
        `sorted(f['hash'][7:] for p in d['package'] for f in ([p['sdist']] if 'sdist' in p else p.get('wheels', [])))`,
      ),
    )
  })

  it('tells what ships from what makes it', () => {
    const project = cleanProject(readAt(uvReader, real))
    // pyproject.toml: typing-extensions is a dependency, email-validator an extra, mypy in a group.
    expect(component(project, 'typing-extensions').scope).toBe('required')
    expect(component(project, 'email-validator').scope).toBe('optional')
    expect(component(project, 'dnspython').scope).toBe('optional')
    expect(component(project, 'mypy').scope).toBe('dev')
  })
})

describe.runIf(isJudged)('other lockfiles of uv', () => {
  it.each([
    'real/pydantic/pydantic-core/uv.lock',
    'syft/python/uv/nested-extras/uv.lock',
    'syft/python/uv/conflicting-with-extras/uv.lock',
    'syft/python/uv/simple-deps/uv.lock',
    'scalibr/python/uvlock/grouped-packages.lock',
    'scalibr/python/uvlock/two-packages.lock',
    'scalibr/python/uvlock/one-package.lock',
    'scalibr/python/uvlock/no-dependencies.lock',
    'scalibr/python/uvlock/no-packages.lock',
    'scalibr/python/uvlock/empty.lock',
    'scalibr/python/uvlock/names-outside-package-block.lock',
  ])('%s has the packages that Python sees', (name) => {
    const path = `${data}/${name}`
    expect(purlsOf(cleanProject(readAt(uvReader, path)))).toEqual(
      judgedByPython(path, REGISTRY_PURLS.replace("d['package']", "d.get('package', [])")),
    )
  })

  it('give the packages and edges of the golden file of Trivy', () => {
    const golden = JSON.parse(textAt(`${data}/trivy/uv/EXPECTED.uv.json`)) as {
      Results: { Packages: { ID: string; DependsOn?: string[]; Identifier: { PURL: string } }[] }[]
    }
    const packages = golden.Results[0]?.Packages ?? []
    const project = cleanProject(readAt(uvReader, `${data}/trivy/uv/uv.lock`))
    const shown = [project.root, ...project.components].map(({ name, version }) => `${name}@${version}`)
    expect(shown.sort()).toEqual(packages.map(({ ID }) => ID).sort())
    expect(purlsOf(project)).toEqual(
      packages
        .map(({ Identifier }) => Identifier.PURL)
        .filter((purl) => !purl.includes('uv-test'))
        .sort(),
    )
    expect(edgesOf(project).map((edge) => edge.replaceAll(/ (\d)/g, '@$1'))).toEqual(
      packages.flatMap(({ ID, DependsOn = [] }) => DependsOn.map((to) => `${ID} -> ${to}`)).sort(),
    )
  })

  it('name the commit of a repository', () => {
    const project = cleanProject(readAt(uvReader, `${data}/scalibr/python/uvlock/source-git.lock`))
    expect(component(project, 'ruff').purl).toBe(
      'pkg:pypi/ruff@0.8.1?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fastral-sh%2Fruff%4084748be16341b76e073d117329f7f5f4ee2941ad',
    )
  })

  it('of a project with extras mark what only they need', () => {
    const project = cleanProject(readAt(uvReader, `${data}/scalibr/python/uvlock/grouped-packages.lock`))
    expect(component(project, 'emoji').scope).toBe('required')
    expect(component(project, 'click').scope).toBe('optional')
    expect(component(project, 'pycodestyle').scope).toBe('optional')
  })
})

describe('uv.lock', () => {
  it('keeps credentials, paths outside and archives apart', () => {
    const { projects, problems } = readTexts(uvReader, 'app/uv.lock', {
      'app/uv.lock': `version = 1
[[package]]
name = "app"
version = "0"
source = { virtual = "." }
dependencies = [{ name = "a" }, { name = "b" }, { name = "c" }]
[[package]]
name = "a"
version = "1"
source = { url = "https://user:secret@example.org/a-1.tar.gz" }
[[package]]
name = "b"
version = "1"
source = { directory = "../../b" }
[[package]]
name = "c"
version = "1"
source = { git = "ssh://git@github.com/o/c?subdirectory=py&rev=v1#abc123" }
`,
    })
    const project = onlyProject({ projects, problems })
    expect(problems).toMatchObject([{ severity: 'warning', line: 11 }])
    expect(component(project, 'a').purl).toBe(
      'pkg:pypi/a@1?download_url=https:%2F%2Fexample.org%2Fa-1.tar.gz',
    )
    expect(component(project, 'b')).toMatchObject({ ref: 'path:../b', origin: 'path' })
    expect(component(project, 'c').purl).toBe(
      'pkg:pypi/c@1?vcs_url=git%2Bssh:%2F%2Fgit%40github.com%2Fo%2Fc%40abc123#py',
    )
    expect(JSON.stringify(project)).not.toContain('secret')
  })

  it.each([
    ['version = 2\n', 1],
    ['version = 1\n\n[[package]\n', 3],
  ])('%j is refused, with its line', (text, line) => {
    const { projects, problems } = readTexts(uvReader, 'uv.lock', { 'uv.lock': text })
    expect(projects).toEqual([])
    expect(problems).toMatchObject([{ severity: 'error', path: 'uv.lock', line }])
  })

  it('of a script is about the script', () => {
    const project = cleanProject(
      readTexts(uvReader, 'tools/fetch.py.lock', {
        'tools/pyproject.toml': '[project]\nname = "other"\n',
        'tools/fetch.py.lock': `version = 1
[manifest]
requirements = [{ name = "a" }]
[[package]]
name = "a"
version = "1"
source = { registry = "https://pypi.org/simple/" }
dependencies = [{ name = "b" }]
[[package]]
name = "b"
version = "2"
source = { registry = "https://pypi.org/simple/" }
`,
      }),
    )
    expect(project.root).toMatchObject({ ref: 'path:tools/fetch.py', name: 'fetch.py' })
    expect(edgesOf(project)).toEqual(['a 1 -> b 2', 'fetch.py - -> a 1'])
    expect(purlsOf(project)).toEqual(['pkg:pypi/a@1', 'pkg:pypi/b@2'])
  })

  it('with one package needed 200,000 times is read', () => {
    const many = Array.from({ length: 200_000 }, () => '{ name = "a" }').join(',')
    const project = cleanProject(
      readTexts(uvReader, 'uv.lock', {
        'uv.lock': `version = 1\n[[package]]\nname = "a"\nversion = "1"\nsource = { registry = "x" }\ndependencies = [${many}]\n`,
      }),
    )
    expect(project.components).toHaveLength(1)
  })
})
