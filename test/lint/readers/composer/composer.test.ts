import { describe, expect, it } from 'vitest'
import { composerReader } from '../../../../src/lib/lint/readers/composer/reader.ts'
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
import { trivyPackages, trivyPurls } from '../trivy-golden.ts'

const data = conformancePath('lint', 'lockfiles')

interface LockedPackage {
  readonly name: string
  readonly version: string
  readonly require?: Readonly<Record<string, string>>
  readonly license?: readonly string[]
  readonly source?: { readonly reference: string }
}

interface Lock {
  readonly packages: readonly LockedPackage[]
  readonly 'packages-dev': readonly LockedPackage[]
}

describe.runIf(data !== undefined)('the composer.lock of symfony/demo', () => {
  const path = `${data}/real/demo/composer.lock`
  const lock = data === undefined ? undefined : (JSON.parse(textAt(path)) as Lock)
  const all = [...(lock?.packages ?? []), ...(lock?.['packages-dev'] ?? [])]
  const project = () => cleanProject(readAt(composerReader, path))

  it('has all 153 packages, 99 to run and 54 for development', () => {
    const { components, root } = project()
    expect(purlsOf(project())).toEqual(
      all.map(({ name, version }) => `pkg:composer/${name}@${version}`).sort(),
    )
    expect(components).toHaveLength(153)
    expect(components.filter(({ scope }) => scope === 'required')).toHaveLength(99)
    expect(components.filter(({ scope }) => scope === 'dev')).toHaveLength(54)
    expect(root).toMatchObject({ ref: 'path:.', name: 'symfony/symfony-demo' })
    expect(root.licenses?.declared).toBe('MIT')
  })

  it('has an edge for every requirement that a locked package meets', () => {
    const versions = new Map(all.map(({ name, version }) => [name, version]))
    const wanted = all.flatMap(({ name, version, require = {} }) =>
      Object.keys(require)
        .filter((need) => versions.has(need))
        .map((need) => `${name} ${version} -> ${need} ${versions.get(need)}`),
    )
    const edges = edgesOf(project())
    expect(edges).toEqual(expect.arrayContaining(wanted))
    expect(wanted.length).toBeGreaterThan(250)
  })

  it('has of the project itself what composer.json asks for', () => {
    const manifest = JSON.parse(textAt(path.replace('.lock', '.json'))) as Record<
      string,
      Record<string, string>
    >
    const names = [...Object.keys(manifest.require ?? {}), ...Object.keys(manifest['require-dev'] ?? {})]
    const locked = new Set(all.map(({ name }) => name))
    const direct = edgesOf(project())
      .filter((edge) => edge.startsWith('symfony/symfony-demo '))
      .map((edge) => edge.split(' -> ')[1]?.split(' ')[0])
    expect(direct).toEqual(expect.arrayContaining(names.filter((name) => locked.has(name))))
    expect(direct).not.toContain('php')
    expect(project().incomplete?.get('path:.')).toBeUndefined()
  })

  it('has licenses, authors, sources and commits, and no hash, for the lock has none', () => {
    expect(project().components.filter(({ hashes }) => hashes !== undefined)).toEqual([])
    for (const { name, version, license = [], source } of all) {
      const found = component(project(), name, version)
      expect(found.licenses?.declared).toBe(license.join(' OR '))
      expect(found.source?.revision).toBe(source?.reference)
    }
    expect(component(project(), 'twig/twig').author).toMatchObject({ name: 'Fabien Potencier' })
  })
})

describe.runIf(data !== undefined)('composer.lock', () => {
  it('gives what Trivy finds, with its edges and direct packages', () => {
    const project = cleanProject(readAt(composerReader, `${data}/trivy/composer/composer.lock`))
    const golden = 'composer/EXPECTED.composer.lock.json'
    expect(purlsOf(project)).toEqual(trivyPurls(golden))
    expect(trivyPurls(golden)).toHaveLength(2)
    for (const { ID, Licenses, DependsOn = [], Relationship } of trivyPackages(golden)) {
      const [name = '', version = ''] = ID.split('@')
      expect(component(project, name, version).licenses?.declared).toBe(Licenses?.join(' OR '))
      for (const other of DependsOn)
        expect(edgesOf(project)).toContain(`${name} ${version} -> ${other.replace('@', ' ')}`)
      const direct = project.edges.some(([from, to]) => from === 'path:.' && to.includes(`${name}@`))
      expect(direct).toBe(Relationship === 'direct')
    }
  })

  it.each([
    ['syft/php/composer.lock', 4],
    ['scalibr/php/composerlock/two-packages.json', 2],
    ['scalibr/php/composerlock/two-packages-alt.json', 2],
    ['scalibr/php/composerlock/one-package-dev.json', 1],
    ['scalibr/php/composerlock/duplicate-packages.json', 3],
  ])('of %s has %i packages, each by name and version', (file, count) => {
    const path = `${data}/${file}`
    const lock = JSON.parse(textAt(path)) as Lock
    const project = cleanProject(readAt(composerReader, path))
    const wanted = [...lock.packages, ...lock['packages-dev']].map(
      ({ name, version }) => `pkg:composer/${name}@${version}`,
    )
    expect(purlsOf(project)).toEqual(wanted.sort())
    expect(wanted).toHaveLength(count)
  })
})

const lockOf = (...packages: readonly object[]) => JSON.stringify({ packages, 'packages-dev': [] })

describe('a composer.lock', () => {
  const read = (text: string, beside = {}) =>
    readTexts(composerReader, 'app/composer.lock', { 'app/composer.lock': text, ...beside })

  it('keeps a hash only where there is one', () => {
    const sha1 = 'da39a3ee5e6b4b0d3255bfef95601890afd80709'
    const project = cleanProject(
      read(
        lockOf(
          { name: 'a/a', version: '1', dist: { shasum: sha1 } },
          { name: 'a/b', version: '1', dist: { shasum: '' } },
          { name: 'a/c', version: '1', dist: { shasum: 'no' } },
        ),
      ),
    )
    expect(component(project, 'a/a').hashes).toEqual([{ algorithm: 'sha1', value: sha1 }])
    expect(component(project, 'a/b').hashes).toBeUndefined()
    expect(component(project, 'a/c').hashes).toBeUndefined()
  })

  it('names the commit of a package from version control, and leaves passwords out', () => {
    const project = cleanProject(
      read(
        lockOf({
          name: 'A/Fork',
          version: 'dev-main',
          source: { type: 'git', url: 'https://me:secret@git.example.org/a/fork.git', reference: 'c0ffee' },
        }),
      ),
    )
    expect(purlsOf(project)).toEqual([
      'pkg:composer/a/fork@dev-main?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Fa%2Ffork.git%40c0ffee',
    ])
    expect(JSON.stringify(project.components)).not.toContain('secret')
    expect(component(project, 'A/Fork')).toMatchObject({ origin: 'git' })
  })

  it('names the repository of a package that is not from Packagist', () => {
    const project = cleanProject(
      read(lockOf({ name: 'a/a', version: '1', 'notification-url': 'https://repo.example.org/8/downloads' })),
    )
    expect(purlsOf(project)).toEqual(['pkg:composer/a/a@1?repository_url=https:%2F%2Frepo.example.org%2F8'])
  })

  it('has a folder for a package that lies in one, and says when that is outside', () => {
    const local = (url: string) => ({ name: 'a/local', version: '1', dist: { type: 'path', url } })
    const inside = cleanProject(read(lockOf(local('packages/local'))))
    expect(component(inside, 'a/local')).toMatchObject({ ref: 'path:app/packages/local', origin: 'path' })
    expect(component(inside, 'a/local').purl).toBeUndefined()
    const outside = read(lockOf(local('../../elsewhere')))
    expect(component(onlyProject(outside), 'a/local').ref).toBe('path:../elsewhere')
    expect(outside.problems).toMatchObject([{ severity: 'warning', path: 'app/composer.lock' }])
  })

  it('follows what packages provide and replace', () => {
    const project = cleanProject(
      read(
        lockOf(
          {
            name: 'a/app',
            version: '1',
            require: { 'psr/log-implementation': '1', 'old/name': '*', php: '>=8' },
          },
          { name: 'mono/log', version: '2', provide: { 'psr/log-implementation': '1' } },
          { name: 'new/name', version: '3', replace: { 'OLD/name': 'self.version' } },
        ),
      ),
    )
    expect(edgesOf(project)).toEqual(['a/app 1 -> mono/log 2', 'a/app 1 -> new/name 3', 'app - -> a/app 1'])
    expect(project.incomplete?.get('path:app')).toBe('incomplete')
  })

  it('lets choose between several licenses', () => {
    const project = cleanProject(
      read(
        lockOf(
          { name: 'a/a', version: '1', license: ['MIT', 'GPL-3.0-or-later'] },
          { name: 'a/b', version: '1', license: ['BSD-3-Clause and MIT', 'ISC'] },
          { name: 'a/c', version: '1', license: [] },
        ),
      ),
    )
    expect(component(project, 'a/a').licenses?.declared).toBe('MIT OR GPL-3.0-or-later')
    expect(component(project, 'a/b').licenses?.declared).toBe('(BSD-3-Clause and MIT) OR ISC')
    expect(component(project, 'a/c').licenses).toBeUndefined()
  })

  it('leaves an entry out that has no proper name, and says so', () => {
    const result = read(
      lockOf({ name: 'noslash', version: '1' }, { version: '1' }, { name: 'a/a', version: '1' }),
    )
    expect(purlsOf(onlyProject(result))).toEqual(['pkg:composer/a/a@1'])
    expect(result.problems.map(({ severity }) => severity)).toEqual(['warning', 'warning'])
  })

  it('is read without a manifest that does not parse, with a warning', () => {
    const result = read(lockOf({ name: 'a/a', version: '1' }), { 'app/composer.json': '{\n"name"' })
    expect(purlsOf(onlyProject(result))).toEqual(['pkg:composer/a/a@1'])
    expect(result.problems).toMatchObject([{ severity: 'warning', path: 'app/composer.json', line: 2 }])
  })

  it.each([
    ['cut off', '{\n  "packages": [\n', 3],
    ['another file', '{"name":"x"}', 1],
    ['a list', '[]', 1],
    ['nothing', '', 1],
  ])('that is %s is an error with its line', (_, text, line) => {
    expect(read(text)).toMatchObject({
      projects: [],
      problems: [{ severity: 'error', path: 'app/composer.lock', line }],
    })
  })
})
