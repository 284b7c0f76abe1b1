import { describe, expect, it } from 'vitest'
import { pdmReader } from '../../../../src/lib/lint/readers/python/pdm.ts'
import { pylockReader } from '../../../../src/lib/lint/readers/python/pylock.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { cleanProject, component, edgesOf, onlyProject, purlsOf, readAt, readTexts } from '../lock-text.ts'
import { hasTomlJudge, judgedByPython } from './toml-judge.ts'

const data = conformancePath('lint', 'lockfiles')
const isJudged = data !== undefined && hasTomlJudge()

describe.runIf(isJudged)('the pdm.lock files of the corpus', () => {
  it.each([
    'syft/python/pdm-lock-separate-files/pdm.lock',
    'syft/python/pypi-remote/pdm.lock',
    'scalibr/python/pdmlock/single-package.toml',
    'scalibr/python/pdmlock/two-packages.toml',
    'scalibr/python/pdmlock/dev-dependency.toml',
    'scalibr/python/pdmlock/names-outside-package-block.toml',
    'scalibr/python/pdmlock/empty-file.toml',
  ])('%s has the packages and edges that Python sees', (name) => {
    const path = `${data}/${name}`
    const project = cleanProject(readAt(pdmReader, path))
    expect(purlsOf(project)).toEqual(
      judgedByPython(
        path,
        `sorted({f"pkg:pypi/{norm(p['name'])}@{p['version']}" for p in d.get('package', [])})`,
      ),
    )
    const edges = edgesOf(project).filter((edge) => !edge.startsWith('project -'))
    expect(edges.map((edge) => edge.replace(/ \S+ -> (\S+) \S+$/, ' $1'))).toEqual(
      judgedByPython(
        path,
        `sorted({norm(p['name']) + ' ' + m for p in d.get('package', []) for t in p.get('dependencies', []) for m in [norm(re.match(r'[A-Za-z0-9._-]+', t)[0])] if m != norm(p['name']) and m in {norm(q['name']) for q in d['package']}})`,
      ),
    )
  })

  it('have hashes beside or apart from the packages', () => {
    const project = cleanProject(readAt(pdmReader, `${data}/syft/python/pypi-remote/pdm.lock`))
    expect(component(project, 'certifi')).toMatchObject({
      hashes: [
        { algorithm: 'sha256', value: '47c09d31ccf2acf0be3f701ea53595ee7e0b8fa08801c6624be771df09ae7b43' },
      ],
      scope: 'optional',
    })
    const path = `${data}/syft/python/pdm-lock-separate-files/pdm.lock`
    const old = cleanProject(readAt(pdmReader, path))
    const hashes = Object.fromEntries(old.components.map(({ name, hashes = [] }) => [name, hashes.length]))
    expect(hashes).toEqual(
      judgedByPython(
        path,
        `(lambda files: {p['name']: len({f['hash'] for f in ([s for s in files[p['name'] + ' ' + p['version']] if not s['url'].endswith('.whl')] or files[p['name'] + ' ' + p['version']])}) for p in d['package']})({re.sub(r'\\[.*\\]', '', k): v for k, v in d['metadata']['files'].items()})`,
      ),
    )
  })

  it('mark groups, and name commits', () => {
    const dev = cleanProject(readAt(pdmReader, `${data}/scalibr/python/pdmlock/dev-dependency.toml`))
    expect(component(dev, 'win-inet-pton').scope).toBe('dev')
    expect(component(dev, 'toml').scope).toBe('required')
    const git = cleanProject(readAt(pdmReader, `${data}/scalibr/python/pdmlock/git-dependency.toml`))
    expect(component(git, 'toml').purl).toBe(
      'pkg:pypi/toml@0.10.2?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fuiri%2Ftoml.git%4065bab7582ce14c55cdeec2244c65ea23039c9e6f',
    )
  })
})

describe('pdm.lock', () => {
  it('joins the entries of one package with and without extras', () => {
    const project = cleanProject(
      readTexts(pdmReader, 'pdm.lock', {
        'pyproject.toml':
          '[project]\nname = "p"\ndependencies = ["b"]\n[project.optional-dependencies]\nx = ["a[Fast]"]\n[dependency-groups]\ntests = ["c"]\n',
        'pdm.lock': `[metadata]
lock_version = "4.5.0"
[[package]]
name = "a"
version = "1"
dependencies = ["b>=1"]
groups = ["x"]
[[package]]
name = "a"
version = "1"
extras = ["fast"]
dependencies = ["a==1", "c"]
groups = ["x"]
[[package]]
name = "b"
version = "1"
groups = ["default", "x"]
[[package]]
name = "c"
version = "1"
groups = ["tests"]
`,
      }),
    )
    expect(edgesOf(project)).toEqual(['a 1 -> b 1', 'a 1 -> c 1', 'p - -> a 1', 'p - -> b 1', 'p - -> c 1'])
    const scopes = Object.fromEntries(project.components.map(({ name, scope }) => [name, scope]))
    expect(scopes).toEqual({ a: 'optional', b: 'required', c: 'dev' })
  })

  it('without groups has what only an extra needs in the scope of who asks for the extra', () => {
    const project = cleanProject(
      readTexts(pdmReader, 'pdm.lock', {
        'pyproject.toml':
          '[project]\nname = "p"\ndependencies = ["a"]\n[dependency-groups]\ntests = ["a[fast]"]\n',
        'pdm.lock': `[metadata]
lock_version = "4.0"
[[package]]
name = "a"
version = "1"
[[package]]
name = "a"
version = "1"
extras = ["fast"]
dependencies = ["a==1", "c"]
[[package]]
name = "c"
version = "1"
`,
      }),
    )
    const scopes = Object.fromEntries(project.components.map(({ name, scope }) => [name, scope]))
    expect(scopes).toEqual({ a: 'required', c: 'dev' })
    expect(edgesOf(project)).toEqual(['a 1 -> c 1', 'p - -> a 1'])
  })

  it('of an unknown version is refused', () => {
    const { projects, problems } = readTexts(pdmReader, 'pdm.lock', {
      'pdm.lock': '[metadata]\nlock_version = "9"\n',
    })
    expect(projects).toEqual([])
    expect(problems).toMatchObject([
      { severity: 'error', line: 2, message: expect.stringContaining('2 to 4') },
    ])
  })
})

const PYLOCK_PURLS = `sorted({f"pkg:pypi/{norm(p['name'])}@{p['version']}" for p in d.get('packages', []) if 'version' in p and 'vcs' not in p and 'directory' not in p})`

describe.runIf(isJudged)('the pylock files of the corpus', () => {
  it.each([
    'real/pydantic/.github/actions/people/pylock.toml',
    'real/pydantic/.github/pyodide/pylock.314.toml',
    'scalibr/python/pylock/pip-full.toml',
    'scalibr/python/pylock/pdm-full.toml',
    'scalibr/python/pylock/commits.toml',
    'scalibr/python/pylock/example.toml',
    'scalibr/python/pylock/names-outside-package-block.toml',
  ])('%s has the packages and hashes that Python sees', (name) => {
    const path = `${data}/${name}`
    const project = cleanProject(readAt(pylockReader, path))
    expect(purlsOf(project).filter((purl) => !purl.includes('?'))).toEqual(judgedByPython(path, PYLOCK_PURLS))
    expect(project.components.flatMap(({ hashes = [] }) => hashes.map(({ value }) => value)).sort()).toEqual(
      judgedByPython(
        path,
        `sorted(h for p in d['packages'] for h in {f['hashes']['sha256'] for f in ([p['sdist']] if 'sdist' in p else p.get('wheels', []))})`,
      ),
    )
  })

  it('name commits and the folder of the project', () => {
    const project = cleanProject(readAt(pylockReader, `${data}/scalibr/python/pylock/commits.toml`))
    expect(component(project, 'mleroc').source).toEqual({
      url: 'https://github.com/Veggente/mleroc.git',
      revision: '735093f03c4d8be70bfaaae44074ac92d7419b6d',
    })
    expect(project.root.name).toBe('net-inf-eval')
  })

  it('have edges where they write them', () => {
    const project = cleanProject(readAt(pylockReader, `${data}/scalibr/python/pylock/example.toml`))
    expect(edgesOf(project)).toEqual([
      'cattrs 24.1.2 -> attrs 25.1.0',
      'project - -> cattrs 24.1.2',
      'project - -> numpy 2.2.3',
    ])
    expect(project.incomplete?.get('pkg:pypi/numpy@2.2.3')).toBe('unknown')
    expect(project.incomplete?.get('pkg:pypi/cattrs@24.1.2')).toBeUndefined()
  })

  it('mark what only extras need', () => {
    const project = cleanProject(readAt(pylockReader, `${data}/scalibr/python/pylock/pdm-full.toml`))
    // certifi: `… and "security" in extras`; chardet: `… "default" in dependency_groups`, a default group.
    expect(component(project, 'certifi').scope).toBe('optional')
    expect(component(project, 'chardet').scope).toBe('required')
  })
})

describe('a marker in pylock.toml', () => {
  it.each([
    ['python_version < "3"', 'required'],
    ['"dev" in dependency_groups', 'dev'],
    ["'default' in dependency_groups and os_name == 'nt'", 'required'],
    ['"x" in extras or "dev" in dependency_groups', 'optional'],
    ['"x" in extras and "dev" in dependency_groups', 'dev'],
    ['"dev" not in dependency_groups', 'required'],
    ['("x" in extras and python_version > "3") or sys_platform == "win32"', 'required'],
    ['((((', 'required'],
    ['what is this', 'required'],
    ['('.repeat(5000), 'required'],
  ])('%s makes a package %s', (marker, scope) => {
    const project = cleanProject(
      readTexts(pylockReader, 'pylock.toml', {
        'pylock.toml': `lock-version = "1.0"\ndefault-groups = ["default"]\n[[packages]]\nname = "a"\nversion = "1"\nmarker = '''${marker}'''\n`,
      }),
    )
    expect(project.components.map((one) => one.scope)).toEqual([scope])
  })

  it('of another version of the format is not read', () => {
    const result = readTexts(pylockReader, 'pylock.toml', { 'pylock.toml': 'lock-version = "2.0"\n' })
    expect(result.projects).toEqual([])
    expect(result.problems).toMatchObject([{ severity: 'error', line: 1 }])
    expect(
      onlyProject(readTexts(pylockReader, 'pylock.toml', { 'pylock.toml': 'lock-version = "1.0"\n' }))
        .components,
    ).toEqual([])
  })
})
