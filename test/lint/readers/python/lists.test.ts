import { describe, expect, it } from 'vitest'
import { pipfileReader } from '../../../../src/lib/lint/readers/python/pipfile.ts'
import { requirementsReader } from '../../../../src/lib/lint/readers/python/requirements/reader.ts'
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

const data = conformancePath('lint', 'lockfiles')
const HASH = 'ab'.repeat(32)

interface PipfileLock {
  readonly default: Readonly<Record<string, { version: string; hashes: string[] }>>
  readonly develop: Readonly<Record<string, { version: string; hashes: string[] }>>
}

describe.runIf(data !== undefined)('the Pipfile.lock files of the corpus', () => {
  it.each([
    'syft/python/pipfile-lock/Pipfile.lock',
    'scalibr/python/pipfilelock/one-package.json',
    'scalibr/python/pipfilelock/one-package-dev.json',
    'scalibr/python/pipfilelock/two-packages.json',
    'scalibr/python/pipfilelock/multiple-packages.json',
    'scalibr/python/pipfilelock/minified.json',
    'scalibr/python/pipfilelock/empty.json',
  ])('%s has the packages, hashes and scopes of its JSON', (name) => {
    const text = textAt(`${data}/${name}`)
    const lock = JSON.parse(text) as PipfileLock
    const project = onlyProject(readAt(pipfileReader, `${data}/${name}`))
    const expected = new Map<string, unknown>()
    // What both lists have is needed to run.
    for (const [packages, scope] of [
      [lock.develop, 'dev'],
      [lock.default, 'required'],
    ] as const)
      for (const [pack, { version, hashes }] of Object.entries(packages))
        expected.set(`${pack}@${version.slice(2)}`, { scope, hashes: new Set(hashes).size })
    const found = project.components.map(({ name: pack, version, scope, hashes = [] }): [string, unknown] => [
      `${pack}@${version}`,
      { scope, hashes: hashes.length },
    ])
    expect(new Map(found)).toEqual(expected)
    expect(new Set(project.edges.map(String))).toEqual(
      new Set(project.components.map(({ ref }) => `path:.,${ref}`)),
    )
    for (const { ref } of project.components) expect(project.incomplete?.get(ref)).toBe('unknown')
    const lines = text.split('\n')
    for (const { name: pack, occurrences } of project.components)
      expect(lines[(occurrences?.[0]?.line ?? 0) - 1]).toContain(`"${pack}"`)
  })

  it('name the index that is not the usual one', () => {
    const project = cleanProject(readAt(pipfileReader, `${data}/syft/python/pipfile-lock/Pipfile.lock`))
    expect(component(project, 'aiodns').purl).toBe(
      'pkg:pypi/aiodns@2.0.0?repository_url=https:%2F%2Ftest.pypi.org%2Fsimple',
    )
    expect(component(project, 'aio-pika').purl).toBe('pkg:pypi/aio-pika@6.8.0')
  })
})

describe('Pipfile.lock', () => {
  it('has packages from repositories, folders and addresses', () => {
    const { projects, problems } = readTexts(pipfileReader, 'Pipfile.lock', {
      'Pipfile.lock': JSON.stringify({
        _meta: { 'pipfile-spec': 6, sources: [] },
        default: {
          a: { git: 'git@gitlab.example.org:o/a.git', ref: 'abc' },
          b: { path: './libs/b', editable: true },
          c: { file: 'https://me:pw@example.org/c-1.zip' },
          d: { version: '*' },
          e: 'x',
          __proto__: null,
        },
      }),
    })
    expect(onlyProject({ projects, problems }).components.map(({ ref }) => ref)).toEqual([
      'pkg:pypi/a?vcs_url=git%2Bssh:%2F%2Fgit%40gitlab.example.org%2Fo%2Fa.git%40abc',
      'path:libs/b',
      'pkg:pypi/c?download_url=https:%2F%2Fexample.org%2Fc-1.zip',
      'pkg:pypi/d',
    ])
    expect(problems.map(({ message }) => message)).toEqual([
      'd has no exact version',
      'e is no package entry and is left out',
    ])
  })

  it('that is no JSON says where', () => {
    const { projects, problems } = readTexts(pipfileReader, 'Pipfile.lock', {
      'Pipfile.lock': '{\n "_meta": \n',
    })
    expect(projects).toEqual([])
    expect(problems).toMatchObject([{ severity: 'error', path: 'Pipfile.lock', line: 3 }])
  })
})

function versions(name: string) {
  const { projects, problems } = readAt(requirementsReader, `${data}/${name}`)
  const project = onlyProject({ projects, problems })
  return {
    project,
    problems,
    found: project.components.map((one) => `${one.name} ${one.version ?? '-'} ${one.occurrences?.[0]?.line}`),
  }
}

// Written down by hand from the files, with the rules of pip's documentation.
describe.runIf(data !== undefined)('the requirements files of the corpus', () => {
  it('pin a version with == and === only', () => {
    expect(versions('scalibr/python/requirements/with_versions.txt').found).toEqual([
      'nltk 3.2.2 1',
      'tabulate 0.7.7 2',
      'newspaper3k - 3',
      'asdf - 4',
      'qwerty 0.1 5',
      'hy-phen 1.2 7',
      'under_score 1.3 8',
      'pkg.dot.name 5.0.0 9',
      'combination-._-.also_-._valid - 10',
      'yolo 1.0 11',
      'pkg - 12',
    ])
    expect(purlsOf(versions('scalibr/python/requirements/with_versions.txt').project)).toContain(
      'pkg:pypi/combination-also-valid',
    )
  })

  it('have comments, continued lines, extras, markers and hashes', () => {
    expect(versions('scalibr/python/requirements/multiline_and_comments.txt').found).toEqual([
      'pkgA 1.0 3',
      'pkgB 2.0 7',
    ])
    expect(versions('scalibr/python/requirements/extras.txt').found).toEqual([
      'pyjwt 2.1.0 1',
      'celery 4.4.7 2',
    ])
    expect(versions('scalibr/python/requirements/trailing_backslash.txt').found).toEqual(['pkg1 1.0 1'])
    expect(versions('scalibr/python/requirements/no_version.txt').found).toEqual([
      'PyCrypto - 1',
      'GMPY2 - 2',
      'SymPy - 3',
    ])
    expect(versions('scalibr/python/requirements/env_var.txt').found).toEqual([
      'asdf 1.2 1',
      'qwert - 2',
      'another 1.0 3',
    ])
  })

  it('that include each other are read once', () => {
    const { found, problems } = versions('scalibr/python/requirements/loop.txt')
    expect(found).toEqual([])
    expect(problems).toEqual([])
  })

  it('are read where they are odd', () => {
    const { project, found, problems } = versions('syft/python/requires/requirements.txt')
    expect(found).toEqual([
      'flask 4.0.0 1',
      'urllib3 1.26.20 2',
      'sqlalchemy - 4',
      'foo 1.0.0 5',
      'bar - 6',
      'pecan - 8',
      'SomeProject 5.4 11',
      'dots-._allowed 1.0.0 12',
      'coverage - 13',
      'numpyNew - 14',
      'numpy - 15',
      'Mopidy-Dirble - 16',
      'argh 0.26.2 17',
      'argh 0.26.3 20',
      'celery 4.4.7 24',
      'requests - 25',
      'GithubSampleProject 3.7.1 26',
      'FrIeNdLy-_-bArD 1.0.0 27',
      'local-version 1.2.3+gcr.2 28',
    ])
    expect(component(project, 'argh', '0.26.2').hashes?.map(({ value }) => value)).toEqual([
      'a9b3aaa1904eeb78e32394cd46c6f37ac0fb4af6dc488daa58971bdc7d7fcaf3',
      'e9535b8c84dc9571a48999094fda7f33e63c3f1b74f3e5f3ac0105a58405bb65',
    ])
    expect(component(project, 'pecan').source?.url).toBe('https://github.com/pecan/pecan.git')
    expect(component(project, 'GithubSampleProject').source?.revision).toBe('releases/tag/v3.7.1')
    // The file that is not there, and the line without a name.
    expect(
      problems.filter(({ message }) => !message.includes('exact version')).map(({ line }) => line),
    ).toEqual([9, 23])
  })
})

describe('requirements.txt', () => {
  it('includes files of the project, and no others', () => {
    const { projects, problems } = readTexts(requirementsReader, 'app/requirements.txt', {
      'app/requirements.txt':
        '-r base/common.txt\n-r ../../etc/passwd\n-r https://example.org/r.txt\n-c limits.txt\na\n',
      'app/base/common.txt':
        '--index-url https://user:pw@pypi.example.org/simple\nb==2 --hash=sha256:' +
        `${HASH}\n-r ../requirements.txt\n`,
      'app/limits.txt': 'A==1.5\nunused==9\n',
      '../etc/passwd': 'secret==1\n',
    })
    const project = onlyProject({ projects, problems })
    expect(purlsOf(project)).toEqual([
      'pkg:pypi/a@1.5?repository_url=https:%2F%2Fpypi.example.org%2Fsimple',
      'pkg:pypi/b@2?repository_url=https:%2F%2Fpypi.example.org%2Fsimple',
    ])
    expect(component(project, 'b')).toMatchObject({
      hashes: [{ algorithm: 'sha256', value: HASH }],
      occurrences: [{ path: 'app/base/common.txt', line: 2 }],
    })
    expect(problems.map(({ line, message }) => [line, message])).toEqual([
      [2, '../../etc/passwd lies outside the scanned folder and is not read'],
      [3, 'https://example.org/r.txt is not in the project and is not read'],
    ])
  })

  it('names archives, repositories and folders', () => {
    const project = onlyProject(
      readTexts(requirementsReader, 'requirements.txt', {
        'requirements.txt': `-e .
-e ./libs/one
numpy @ https://example.org/numpy-1.9.2-cp34-none-any.whl#sha256=${HASH}
https://example.org/six-1.16.0.tar.gz
git+ssh://git@github.com/o/two.git@v1.2#egg=two&subdirectory=py
git+https://token:x@example.org/o/three.git
`,
      }),
    )
    expect(project.components.map(({ name, version, ref }) => [name, version, ref])).toEqual([
      ['one', undefined, 'path:libs/one'],
      [
        'numpy',
        '1.9.2',
        'pkg:pypi/numpy@1.9.2?download_url=https:%2F%2Fexample.org%2Fnumpy-1.9.2-cp34-none-any.whl',
      ],
      ['six', '1.16.0', 'pkg:pypi/six@1.16.0?download_url=https:%2F%2Fexample.org%2Fsix-1.16.0.tar.gz'],
      ['two', undefined, 'pkg:pypi/two?vcs_url=git%2Bssh:%2F%2Fgit%40github.com%2Fo%2Ftwo.git%40v1.2#py'],
      ['three', undefined, 'pkg:pypi/three?vcs_url=git%2Bhttps:%2F%2Fexample.org%2Fo%2Fthree.git'],
    ])
    expect(JSON.stringify(project)).not.toContain('token')
  })

  // Written by hand after the documentation of pip-tools and uv.
  const COMPILED = `#
# This file is autogenerated by pip-compile with Python 3.12
# by the following command:
#
#    pip-compile --generate-hashes requirements.in
#
asgiref==3.7.2 \\
    --hash=sha256:${HASH}
    # via
    #   django
    #   django-htmx
django==4.2.7 \\
    --hash=sha256:${HASH}
    # via
    #   -r requirements.in
    #   django-htmx
django-htmx==1.17  # via -r requirements.in, -c limits.txt
sqlparse==0.4.4
    # via Django
# The following packages are considered to be unsafe:
setuptools==69.0
    # via my-project (pyproject.toml)
`

  it('that a tool has compiled says who needs what', () => {
    const project = cleanProject(
      readTexts(requirementsReader, 'requirements.txt', { 'requirements.txt': COMPILED }),
    )
    expect(edgesOf(project)).toEqual([
      'django 4.2.7 -> asgiref 3.7.2',
      'django 4.2.7 -> sqlparse 0.4.4',
      'django-htmx 1.17 -> asgiref 3.7.2',
      'django-htmx 1.17 -> django 4.2.7',
      'project - -> django 4.2.7',
      'project - -> django-htmx 1.17',
      'project - -> setuptools 69.0',
    ])
    expect(project.incomplete?.size).toBe(0)
  })

  it('that is written by hand, or compiled without notes, is a list only', () => {
    const byHand = COMPILED.replace('autogenerated', 'made')
    const unannotated = COMPILED.replace('    # via Django\n', '')
    for (const text of [byHand, unannotated]) {
      const project = cleanProject(
        readTexts(requirementsReader, 'requirements.txt', { 'requirements.txt': text }),
      )
      expect(project.edges.map(([from]) => from)).toEqual(Array(5).fill('path:.'))
      expect(project.incomplete?.size).toBe(5)
    }
  })

  it('for development is told by its name', () => {
    for (const [path, scope] of [
      ['requirements-dev.txt', 'dev'],
      ['requirements/test.txt', 'dev'],
      ['requirements_prod.txt', 'required'],
      ['requirements.txt', 'required'],
    ] as const) {
      const project = cleanProject(readTexts(requirementsReader, path, { [path]: 'a==1\n' }))
      expect(project.root.ref).toBe('path:.')
      expect(project.components.map((one) => one.scope)).toEqual([scope])
      expect(edgesOf(project)).toEqual(['project - -> a 1'])
    }
  })

  it('of hostile lines is read in linear time', () => {
    const hostile = [
      `a${' '.repeat(300_000)}b`,
      `a==1 ${'--hash '.repeat(50_000)}`,
      `./${'/'.repeat(300_000)}x`,
      `x${'-1'.repeat(150_000)}.tar.gz`,
      `a${'['.repeat(300_000)}`,
      '\\\n'.repeat(100_000),
      `# This file was autogenerated by uv\nx==1 # via ${'y, '.repeat(300_000)}`,
    ].join('\n')
    expect(
      onlyProject(readTexts(requirementsReader, 'requirements.txt', { 'requirements.txt': hostile })),
    ).toBeDefined()
  })
})
