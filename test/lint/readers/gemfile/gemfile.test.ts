import { describe, expect, it } from 'vitest'
import { gemfileReader } from '../../../../src/lib/lint/readers/gemfile/reader.ts'
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

/** The plain way: in a section of a registry, four blanks, a name and a version in brackets. */
function registryGems(text: string): readonly string[] {
  const sections = text.split(/\n(?=\S)/).filter((section) => section.startsWith('GEM\n'))
  return sections.flatMap((section) =>
    [...section.matchAll(/^ {4}(\S+) \(([^)-]+)(?:-([^)]+))?\)$/gm)].map(
      ([, name, version, platform]) =>
        `pkg:gem/${name}@${version}${platform === undefined ? '' : `?platform=${platform}`}`,
    ),
  )
}

describe.runIf(data !== undefined)('Gemfile.lock', () => {
  it.each([
    ['scalibr/ruby/gemfilelock/rails.lock', 46],
    ['scalibr/ruby/gemfilelock/rubocop.lock', 10],
    ['scalibr/ruby/gemfilelock/multiple-gems.lock', 6],
    ['scalibr/ruby/gemfilelock/one-gem.lock', 1],
    ['scalibr/ruby/gemfilelock/no-spec-section.lock', 0],
    ['scalibr/ruby/gemfilelock/source-section-at-end.lock', 1],
    ['scalibr/ruby/gemfilelock/has-git-gem.lock', 3],
    ['scalibr/ruby/gemfilelock/has-local-gem.lock', 29],
    ['syft/ruby/Gemfile.lock', 50],
  ])('of %s has %i gems of the registry', (file, count) => {
    const path = `${data}/${file}`
    const project = onlyProject(readAt(gemfileReader, path))
    const found = project.components.flatMap(({ purl, origin }) => (origin === 'registry' ? [purl] : []))
    expect(found.sort()).toEqual([...registryGems(textAt(path))].sort())
    expect(found).toHaveLength(count)
  })

  it('has the edges that the lock draws, and those that the Gemfile asks for', () => {
    const project = cleanProject(readAt(gemfileReader, `${data}/scalibr/ruby/gemfilelock/rubocop.lock`))
    expect(edgesOf(project)).toEqual([
      'parser 3.1.1.0 -> ast 2.4.2',
      'project - -> rubocop 1.25.1',
      'rubocop 1.25.1 -> parallel 1.21.0',
      'rubocop 1.25.1 -> parser 3.1.1.0',
      'rubocop 1.25.1 -> rainbow 3.1.1',
      'rubocop 1.25.1 -> regexp_parser 2.2.1',
      'rubocop 1.25.1 -> rexml 3.2.5',
      'rubocop 1.25.1 -> rubocop-ast 1.16.0',
      'rubocop 1.25.1 -> ruby-progressbar 1.11.0',
      'rubocop 1.25.1 -> unicode-display_width 2.1.0',
      'rubocop-ast 1.16.0 -> parser 3.1.1.0',
    ])
    expect(component(project, 'rubocop').occurrences).toMatchObject([{ line: 11 }])
  })

  it('has gems from Git with their commits', () => {
    const project = cleanProject(readAt(gemfileReader, `${data}/scalibr/ruby/gemfilelock/has-git-gem.lock`))
    expect(component(project, 'hanami-utils')).toMatchObject({
      origin: 'git',
      purl: 'pkg:gem/hanami-utils@2.0.0.alpha1?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fhanami%2Futils.git%405904fc9a70683b8749aa2861257d0c8c01eae4aa',
      source: { revision: '5904fc9a70683b8749aa2861257d0c8c01eae4aa' },
    })
    expect(edgesOf(project)).toContain('project - -> hanami-utils 2.0.0.alpha1')
    expect(edgesOf(project)).toContain('hanami-controller 2.0.0.alpha1 -> rack 2.2.3')
  })

  it('has the folder of a gem that lies in the project, and keeps platforms apart', () => {
    const project = cleanProject(readAt(gemfileReader, `${data}/scalibr/ruby/gemfilelock/has-local-gem.lock`))
    expect(component(project, 'backbone-on-rails')).toMatchObject({
      ref: 'path:vendor/gem/backbone-on-rails',
      origin: 'path',
    })
    expect(component(project, 'nokogiri').purl).toBe('pkg:gem/nokogiri@1.13.3?platform=x86_64-linux')
    expect(edgesOf(project)).toContain('loofah 2.14.0 -> nokogiri 1.13.3')
  })

  it('of syft leaves a section out that it does not know', () => {
    const result = readAt(gemfileReader, `${data}/syft/ruby/Gemfile.lock`)
    const project = onlyProject(result)
    expect(project.components.map(({ name }) => name)).not.toContain('bad-entry')
    expect(result.problems).toMatchObject([{ severity: 'warning', line: 4 }])
    expect(component(project, 'google-cloud-errors').ref).toBe('path:../google-cloud-errors')
    expect(edgesOf(project)).toContain('turbolinks 3.0.0 -> coffee-rails 4.0.1')
  })
})

describe('a Gemfile.lock', () => {
  const read = (text: string, files: Record<string, string> = {}) =>
    readTexts(gemfileReader, 'Gemfile.lock', { 'Gemfile.lock': text, ...files })
  const HASH_A = '0'.repeat(63)
  const text = [
    'GEM',
    '  remote: https://gems.example.org/private/',
    '  specs:',
    '    a (1.0)',
    '      b (>= 1.0, < 3)',
    '    b (2.0.1)',
    '    b (2.0.1-x86_64-linux-musl)',
    '    b (2.0.1-java)',
    '    c (1.0-ruby)',
    '',
    'PLATFORMS',
    '  ruby',
    '',
    'DEPENDENCIES',
    '  a (~> 1.0)',
    '  c!',
    '',
    'CHECKSUMS',
    `  a (1.0) sha256=${HASH_A}a`,
    `  b (2.0.1) sha256=${HASH_A}b`,
    `  b (2.0.1-java) sha256=${HASH_A}c`,
    '  c (1.0)',
    '',
  ].join('\n')

  it('has one component for each platform, with its own checksum', () => {
    const project = cleanProject(read(text))
    const at = 'repository_url=https:%2F%2Fgems.example.org%2Fprivate%2F'
    expect(purlsOf(project)).toEqual([
      `pkg:gem/a@1.0?${at}`,
      `pkg:gem/b@2.0.1?platform=java&${at}`,
      `pkg:gem/b@2.0.1?platform=x86_64-linux-musl&${at}`,
      `pkg:gem/b@2.0.1?${at}`,
      `pkg:gem/c@1.0?${at}`,
    ])
    const hashes = project.components.map(({ purl, hashes: found }) => [purl, found?.[0]?.value.at(-1)])
    expect(Object.fromEntries(hashes)).toEqual({
      [`pkg:gem/a@1.0?${at}`]: 'a',
      [`pkg:gem/b@2.0.1?${at}`]: 'b',
      [`pkg:gem/b@2.0.1?platform=java&${at}`]: 'c',
      [`pkg:gem/b@2.0.1?platform=x86_64-linux-musl&${at}`]: undefined,
      [`pkg:gem/c@1.0?${at}`]: undefined,
    })
    expect(project.edges.filter(([from]) => from.startsWith('pkg:gem/a'))).toHaveLength(3)
  })

  it('with the line ends of Windows is the same', () => {
    expect(cleanProject(read(text.replaceAll('\n', '\r\n'))).components).toEqual(
      cleanProject(read(text)).components,
    )
  })

  it('of a gem that is developed here names the project', () => {
    const project = cleanProject(
      read(
        'PATH\n  remote: .\n  specs:\n    mine (0.3.0)\n      a (~> 1.0)\n\nGEM\n  specs:\n    a (1.0)\n\nDEPENDENCIES\n  mine!\n',
      ),
    )
    expect(project.root).toMatchObject({ ref: 'path:.', name: 'mine', version: '0.3.0' })
    expect(project.components.map(({ name }) => name)).toEqual(['a'])
    expect(edgesOf(project)).toEqual(['mine 0.3.0 -> a 1.0'])
  })

  it('keeps gems apart that are developed in one folder', () => {
    const project = cleanProject(
      read(
        'PATH\n  remote: .\n  specs:\n    one (1.0)\n    two (1.0)\n      one (= 1.0)\n\nDEPENDENCIES\n  two!\n',
        {
          'two.gemspec': '',
        },
      ),
    )
    expect(project.components.map(({ ref }) => ref).sort()).toEqual(['path:.#two', 'path:one'])
    expect(edgesOf(project)).toEqual(['project - -> two 1.0', 'two 1.0 -> one 1.0'])
  })

  it('without the section of what is asked for connects what nobody else needs', () => {
    const project = cleanProject(read('GEM\n  specs:\n    a (1.0)\n      b\n    b (1.0)\n'))
    expect(edgesOf(project)).toEqual(['a 1.0 -> b 1.0', 'project - -> a 1.0'])
    expect(project.incomplete?.get('path:.')).toBe('incomplete')
  })

  it('does not say which of two registries a gem is from', () => {
    const twice = text.replace('  specs:', '  remote: https://other.example.org/\n  specs:')
    expect(purlsOf(cleanProject(read(twice)))[0]).toBe('pkg:gem/a@1.0')
  })

  it('with lines of blanks is read in linear time', () => {
    const { user } = process.cpuUsage()
    for (const blank of [' ', '\t', '\u00a0', '\r'])
      read(`GEM\n  specs:\n    a (1.0)${blank.repeat(400_000)}x\n`)
    expect(process.cpuUsage().user - user).toBeLessThan(1_000_000)
  })

  describe('with a Gemfile beside it', () => {
    const names = ['web', 'pg', 'rspec', 'guard', 'puma', 'rubocop', 'shared', 'tzinfo', 'spring']
    const lock = `GEM\n  specs:\n${names.map((name) => `    ${name} (1.0)\n${name === 'rspec' ? '      diff\n      shared\n' : ''}`).join('')}    diff (1.0)\n\nDEPENDENCIES\n${names.map((name) => `  ${name}\n`).join('')}`
    const gemfile = `source "https://rubygems.org"
ruby "3.3.0"
gem "web", "~> 1.0" # the end
gem('shared')
if ENV["DB"] == "pg"
  gem "pg"
end
group :development, :test do
  platforms :mri do
    gem "rspec"
  end
  gem "shared"
end
group :production, :test do
  gem "puma"
end
gem "guard", "~> 2.0",
  require: false,
  groups: [:development, :test]
gem 'rubocop', :group => 'lint'
gem "spring", group: :development if true
# group :test do
gem "tzinfo", platforms: %i[windows jruby]
`
    const scopes = (text: string) =>
      Object.fromEntries(
        cleanProject(read(lock, { Gemfile: text })).components.map(({ name, scope }) => [name, scope]),
      )

    it('tells what a deployment leaves out', () => {
      expect(scopes(gemfile)).toEqual({
        web: 'required',
        pg: 'required',
        shared: 'required',
        puma: 'required',
        tzinfo: 'required',
        rspec: 'dev',
        diff: 'dev',
        guard: 'dev',
        rubocop: 'dev',
        spring: 'dev',
      })
    })

    it('believes nothing of one whose blocks do not add up', () => {
      expect(new Set(Object.values(scopes(`${gemfile}\nend`)))).toEqual(new Set(['required']))
      expect(new Set(Object.values(scopes(`group :test do\n${gemfile}`)))).toEqual(new Set(['required']))
    })

    it('reads one of any size in linear time', () => {
      const { user } = process.cpuUsage()
      for (const text of ['gem "', 'group :a, ', 'do |', ',\n', ' #', '[:a']) scopes(text.repeat(100_000))
      expect(process.cpuUsage().user - user).toBeLessThan(2_000_000)
    })
  })

  it.each([
    ['with a merge conflict', 'GEM\n  specs:\n<<<<<<< HEAD\n    a (1.0)\n', 3],
    ['without a known section', 'nothing of this\n  is a lockfile\n', 1],
    ['that is empty', '', 1],
  ])('%s is an error with its line', (_, broken, line) => {
    expect(read(broken)).toMatchObject({ projects: [], problems: [{ severity: 'error', line }] })
  })
})
