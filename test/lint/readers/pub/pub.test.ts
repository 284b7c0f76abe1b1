import { describe, expect, it } from 'vitest'
import { pubReader } from '../../../../src/lib/lint/readers/pub/reader.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { cleanProject, component, edgesOf, onlyProject, purlsOf, readAt, readTexts } from '../lock-text.ts'
import { trivyPackages, trivyPurls } from '../trivy-golden.ts'

const data = conformancePath('lint', 'lockfiles')

describe.runIf(data !== undefined)('pubspec.lock', () => {
  it('gives what Trivy finds, and knows the mirror of the public registry', () => {
    const project = cleanProject(readAt(pubReader, `${data}/trivy/pubspec/pubspec.lock`))
    const golden = 'pubspec/EXPECTED.pubspec.lock.json'
    expect(purlsOf(project)).toEqual(trivyPurls(golden))
    const direct = trivyPackages(golden).filter(({ Relationship }) => Relationship === 'direct')
    expect(edgesOf(project)).toEqual(direct.map(({ ID }) => `project - -> ${ID.replace('@', ' ')}`))
  })

  it('names another registry, and the commit of a package from Git', () => {
    const project = cleanProject(readAt(pubReader, `${data}/syft/dart/pubspec_locks/pubspec.lock`))
    expect(purlsOf(project)).toEqual([
      'pkg:pub/ale@3.3.0?repository_url=https:%2F%2Fpub.hosted.org',
      'pkg:pub/analyzer@0.40.7',
      'pkg:pub/ansicolor@1.1.1',
      'pkg:pub/archive@2.0.13',
      'pkg:pub/args@1.6.0',
      'pkg:pub/key_binder@1.11.20?vcs_url=git%2Bssh:%2F%2Fgit%40github.com%2FWorkiva%2Fkey_binder.git%403f7b3a6350e73c7dcac45301c0e18fbd42af02f7',
    ])
    expect(component(project, 'key_binder').source).toEqual({
      url: 'https://github.com/Workiva/key_binder.git',
      revision: '3f7b3a6350e73c7dcac45301c0e18fbd42af02f7',
    })
    expect(component(project, 'args').occurrences).toEqual([{ path: 'pubspec.lock', line: 32 }])
  })

  it.each(['invalid-sdk', 'missing-sdk'])(
    'has a part of the SDK without a version of its own (%s)',
    (folder) => {
      const project = cleanProject(readAt(pubReader, `${data}/syft/dart/${folder}/pubspec.lock`))
      expect(component(project, 'flutter')).toMatchObject({ type: 'framework', origin: 'bundled' })
      expect(component(project, 'flutter').version).toBeUndefined()
      expect(purlsOf(project)).toEqual(['pkg:pub/args@1.6.0'])
    },
  )

  it('tells direct, development and other packages apart', () => {
    const project = cleanProject(readAt(pubReader, `${data}/scalibr/dart/pubspec/mixed-packages.lock`))
    expect(edgesOf(project)).toEqual([
      'project - -> back_button_interceptor 6.0.1',
      'project - -> build_runner 2.2.1',
    ])
    expect(project.components.map(({ name, scope }) => [name, scope])).toEqual([
      ['back_button_interceptor', 'required'],
      ['build_runner', 'dev'],
      ['shelf', 'required'],
      ['shelf_web_socket', 'required'],
    ])
    expect(project.incomplete?.get('pkg:pub/shelf@1.3.2')).toBe('unknown')
  })

  it('has the folder of a package within a repository', () => {
    const project = cleanProject(readAt(pubReader, `${data}/scalibr/dart/pubspec/source-git.lock`))
    const url = 'git%2Bhttps:%2F%2Fgithub.com%2FSoLongAndThanksForAllThePizza%2Fflutter_rust_bridge'
    expect(component(project, 'flutter_rust_bridge').purl).toBe(
      `pkg:pub/flutter_rust_bridge@1.32.0?vcs_url=${url}%40e5adce55eea0b74d3680e66a2c5252edf17b07e1#frb_dart`,
    )
    expect(component(project, 'screen_retriever').purl).not.toContain('#')
    expect(project.components).toHaveLength(5)
  })

  it('has a folder for a package that lies in one, and says that it is outside', () => {
    const result = readAt(pubReader, `${data}/scalibr/dart/pubspec/source-path.lock`)
    expect(component(onlyProject(result), 'maa_core')).toMatchObject({ ref: 'path:..', version: '0.0.1' })
    expect(result.problems).toMatchObject([{ severity: 'warning', line: 4 }])
  })

  it('may hold nothing', () => {
    for (const name of ['empty', 'no-packages'])
      expect(cleanProject(readAt(pubReader, `${data}/scalibr/dart/pubspec/${name}.lock`)).components).toEqual(
        [],
      )
  })

  it('that is corrupt is an error with its line', () => {
    const { projects, problems } = readAt(pubReader, `${data}/syft/dart/corrupt/pubspec.lock`)
    expect(projects).toEqual([])
    expect(problems).toMatchObject([{ severity: 'error', line: 1 }])
  })
})

describe('a pubspec.lock', () => {
  const sha256 = '3'.repeat(64)
  const text = [
    'packages:',
    '  source:',
    '    dependency: "direct overridden"',
    '    description:',
    '      name: source',
    `      sha256: "${sha256}"`,
    '      url: "https://pub.dev"',
    '    source: hosted',
    '    version: "1.0.0"',
    '  version:',
    '    dependency: transitive',
    '    source: hosted',
    '    version: "2.0.0"',
    '',
  ].join('\n')
  const read = (files: Record<string, string>) =>
    readTexts(pubReader, 'app/pubspec.lock', { 'app/pubspec.lock': text, ...files })

  it('has hashes of archives, and lines also of packages that are named like keys', () => {
    const project = cleanProject(read({}))
    expect(component(project, 'source').hashes).toEqual([{ algorithm: 'sha256', value: sha256 }])
    expect(component(project, 'source').occurrences?.[0]?.line).toBe(2)
    expect(component(project, 'version').occurrences?.[0]?.line).toBe(10)
  })

  it('takes the name of the project from pubspec.yaml, and does without one that does not parse', () => {
    const named = cleanProject(read({ 'app/pubspec.yaml': 'name: shop\nversion: 1.2.3+4\n' }))
    expect(named.root).toMatchObject({ ref: 'path:app', name: 'shop', version: '1.2.3+4' })
    const broken = read({ 'app/pubspec.yaml': 'name: "shop\n' })
    expect(onlyProject(broken).root.name).toBe('app')
    expect(broken.problems).toMatchObject([{ severity: 'warning', path: 'app/pubspec.yaml' }])
  })

  it('with a bomb of aliases is an error', () => {
    const bomb = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`)
    const result = readTexts(pubReader, 'pubspec.lock', {
      'pubspec.lock': ['a0: &a0 [x]', ...bomb].join('\n'),
    })
    expect(result).toMatchObject({ projects: [], problems: [{ severity: 'error' }] })
  })
})
