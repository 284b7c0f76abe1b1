import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Component } from '../../../src/lib/lint/bom/index.ts'
import { findInstalled } from '../../../src/lib/lint/installed/index.ts'
import { FolderFiles } from '../../../src/lib/lint/readers/folder-files.ts'
import { processorMs } from '../../support/processor-time.ts'
import { component, describeIn, licenseText } from './described.ts'

describe('a package of Composer', () => {
  const CONSOLE = component('composer', 'symfony/console', '7.1.0')
  const ENTRY = {
    name: 'symfony/console',
    version: 'v7.1.0',
    license: ['MIT'],
    authors: [{ name: 'Fabien Potencier', email: 'fabien@symfony.com' }],
    description: 'Eases the creation of beautiful and testable command line interfaces',
    homepage: 'https://symfony.com',
    source: {
      type: 'git',
      url: 'https://github.com/symfony/console.git',
      reference: '9b008f2d7b21c74ef4d0c3de6077a642bc55ece3',
    },
  }

  it.each([
    ['in the form of Composer 2', { packages: [ENTRY], dev: true }],
    ['in the form of Composer 1', [ENTRY]],
  ])('is described by installed.json %s', (_, list) => {
    const files = {
      'vendor/composer/installed.json': JSON.stringify(list),
      'vendor/symfony/console/LICENSE': licenseText('MIT'),
    }
    expect(describeIn(files, CONSOLE)).toMatchObject({
      homepage: 'https://symfony.com',
      supplier: { name: 'Fabien Potencier', email: 'fabien@symfony.com' },
      source: { url: 'https://github.com/symfony/console.git', revision: ENTRY.source.reference },
      licenses: { declared: 'MIT', concluded: 'MIT', evidence: [{ path: 'vendor/symfony/console/LICENSE' }] },
    })
  })

  it('with several licenses offers a choice, as its schema says', () => {
    const list = { packages: [{ ...ENTRY, license: ['LGPL-2.1-only', 'GPL-3.0-or-later'] }] }
    const files = { 'vendor/composer/installed.json': JSON.stringify(list) }
    expect(describeIn(files, CONSOLE).licenses?.declared).toBe('LGPL-2.1-only OR GPL-3.0-or-later')
  })

  it('whose name leads out of its folder is not looked at', () => {
    const files = {
      'vendor/composer/installed.json': JSON.stringify({ packages: [{ ...ENTRY, name: '../..' }] }),
      LICENSE: licenseText('MIT'),
    }
    const given = component('composer', '../..', '7.1.0')
    expect(describeIn(files, given)).toBe(given)
  })
})

describe('a module of Go', () => {
  const MODULES = [
    '# github.com/pkg/errors v0.9.1',
    '## explicit',
    'github.com/pkg/errors',
    '# example.org/old v1.0.0 => example.org/new v1.2.0',
    '## explicit; go 1.20',
    'example.org/old',
    '# example.org/local v1.0.0 => ../local',
    '# ../../outside v1.0.0',
    '',
  ].join('\n')

  it('is known by modules.txt, and has the license of its folder', () => {
    const files = {
      'vendor/modules.txt': MODULES,
      'vendor/github.com/pkg/errors/LICENSE': licenseText('BSD-2-Clause'),
      'vendor/example.org/old/LICENSE': licenseText('ISC'),
    }
    const path = 'vendor/github.com/pkg/errors/LICENSE'
    for (const version of ['v0.9.1', '0.9.1'])
      expect(describeIn(files, component('golang', 'github.com/pkg/errors', version)).licenses).toEqual({
        declared: undefined,
        concluded: 'BSD-2-Clause',
        evidence: [{ path, license: 'BSD-2-Clause', similarity: 1 }],
      })
    expect(describeIn(files, component('golang', 'example.org/new', 'v1.2.0')).licenses?.concluded).toBe(
      'ISC',
    )
    for (const name of ['example.org/old', 'example.org/local', '../../outside']) {
      const given = component('golang', name, 'v1.0.0')
      expect(describeIn(files, given)).toBe(given)
    }
  })
})

describe('a crate', () => {
  it('is described by its manifest in vendor', () => {
    const files = {
      'vendor/cfg-if/.cargo-checksum.json': '{"files":{}}',
      'vendor/cfg-if/.cargo_vcs_info.json':
        '{"git":{"sha1":"e60fa1efeab8ec6ea3f2ef1c4c8d4d3f1a1f1f2b"},"path_in_vcs":""}',
      'vendor/cfg-if/Cargo.toml':
        '[package]\nname = "cfg-if"\nversion = "1.0.0"\nauthors = ["Alex Crichton <alex@alexcrichton.com>"]\nlicense = "MIT/Apache-2.0"\nrepository = "https://github.com/alexcrichton/cfg-if"\ndescription = """\nA macro\n"""\n',
      'vendor/cfg-if/LICENSE-MIT': licenseText('MIT'),
      'vendor/cfg-if/LICENSE-APACHE': licenseText('Apache-2.0'),
    }
    expect(describeIn(files, component('cargo', 'cfg-if', '1.0.0'))).toMatchObject({
      description: 'A macro',
      supplier: { kind: 'person', name: 'Alex Crichton', email: 'alex@alexcrichton.com' },
      source: {
        url: 'https://github.com/alexcrichton/cfg-if',
        revision: 'e60fa1efeab8ec6ea3f2ef1c4c8d4d3f1a1f1f2b',
      },
      licenses: { declared: 'MIT/Apache-2.0', concluded: 'MIT OR Apache-2.0' },
    })
  })

  it('with a broken manifest is not found', () => {
    const given = component('cargo', 'cfg-if', '1.0.0')
    const files = { 'vendor/cfg-if/.cargo-checksum.json': '{}', 'vendor/cfg-if/Cargo.toml': '[package\n' }
    expect(describeIn(files, given)).toBe(given)
  })
})

describe('a gem', () => {
  const SPECIFICATION = `# -*- encoding: utf-8 -*-
# stub: rack 3.0.8 ruby lib

Gem::Specification.new do |s|
  s.name = "rack".freeze
  s.version = "3.0.8".freeze

  s.require_paths = ["lib".freeze]
  s.metadata = { "source_code_uri" => "https://github.com/rack/rack" } if s.respond_to? :metadata=
  s.authors = ["Leah \\"L\\" Neukirchen".freeze, "Other".freeze]
  s.homepage = "https://github.com/rack/rack".freeze
  s.licenses = ["MIT".freeze]
  s.summary = "A modular Ruby webserver interface.".freeze
end
`

  it('is described by the specification that was installed with it', () => {
    const files = {
      'vendor/bundle/ruby/3.2.0/specifications/rack-3.0.8.gemspec': SPECIFICATION,
      'vendor/bundle/ruby/3.2.0/gems/rack-3.0.8/MIT-LICENSE': licenseText('MIT'),
    }
    expect(describeIn(files, component('gem', 'rack', '3.0.8'))).toMatchObject({
      homepage: 'https://github.com/rack/rack',
      description: 'A modular Ruby webserver interface.',
      supplier: { name: 'Leah "L" Neukirchen' },
      source: { url: 'https://github.com/rack/rack' },
      licenses: {
        declared: 'MIT',
        concluded: 'MIT',
        evidence: [{ path: 'vendor/bundle/ruby/3.2.0/gems/rack-3.0.8/MIT-LICENSE' }],
      },
    })
  })

  it('for a platform has a folder of its own', () => {
    const files = {
      'vendor/bundle/ruby/3.2.0/specifications/rack-3.0.8-x86_64-linux.gemspec': SPECIFICATION,
      'vendor/bundle/ruby/3.2.0/gems/rack-3.0.8-x86_64-linux/LICENSE.txt': licenseText('MIT'),
    }
    expect(describeIn(files, component('gem', 'rack', '3.0.8')).licenses?.concluded).toBe('MIT')
  })

  it('with a hostile specification takes a bounded time', () => {
    const work = () => {
      for (const text of [
        '\n'.repeat(1_000_000),
        '"\\'.repeat(500_000),
        's.name = "'.repeat(100_000),
        '  s.licenses = ['.repeat(60_000),
      ])
        describeIn(
          { 'vendor/bundle/ruby/3.2.0/specifications/a-1.gemspec': text },
          component('gem', 'a', '1'),
        )
    }
    expect(processorMs(work)).toBeLessThan(3000)
  })
})

describe('a package of Hex', () => {
  const METADATA = `{<<"links">>,[{<<"GitHub">>,<<"https://github.com/michalmuskala/jason">>}]}.
{<<"name">>,<<"jason">>}.
{<<"version">>,<<"1.4.1">>}.
{<<"description">>,
 <<"A blazing fast JSON parser and generator in pure Elixir.">>}.
{<<"licenses">>,[<<"Apache-2.0">>]}.
`

  it.each(['deps/jason', '_build/default/lib/jason'])('is described by its metadata in %s', (folder) => {
    const files = {
      [`${folder}/hex_metadata.config`]: METADATA,
      [`${folder}/LICENSE`]: licenseText('Apache-2.0'),
    }
    expect(describeIn(files, component('hex', 'jason', '1.4.1'))).toMatchObject({
      description: 'A blazing fast JSON parser and generator in pure Elixir.',
      source: { url: 'https://github.com/michalmuskala/jason' },
      supplier: { name: 'michalmuskala' },
      licenses: { declared: 'Apache-2.0', concluded: 'Apache-2.0' },
    })
  })

  it('with hostile metadata takes a bounded time', () => {
    const work = () => {
      for (const text of [
        '{<<"name">>,'.repeat(100_000),
        '<<"'.repeat(300_000),
        `{<<"links">>,[${'{<<"a">>,'.repeat(100_000)}`,
        `{<<"licenses">>,${' '.repeat(1_000_000)}`,
      ])
        describeIn({ 'deps/a/hex_metadata.config': text }, component('hex', 'a', '1'))
    }
    expect(processorMs(work)).toBeLessThan(3000)
  })
})

describe('the project itself', () => {
  const root = (ref: string, name: string): Component => ({
    ref,
    type: 'application',
    name,
    version: '1.0.0',
    origin: 'workspace',
    scope: 'required',
  })

  it('has the license of its folder, and what its manifest says', () => {
    const files = {
      'package.json': JSON.stringify({
        name: 'tool',
        license: 'Apache-2.0',
        author: 'Ada',
        repository: 'ada/tool',
      }),
      LICENSE: licenseText('Apache-2.0'),
      'crates/core/Cargo.toml': '[package]\nname = "core"\nlicense = "MIT"\n',
      'crates/core/LICENSE': licenseText('MIT'),
    }
    expect(describeIn(files, root('path:.', 'tool'))).toMatchObject({
      supplier: { name: 'Ada' },
      licenses: { declared: 'Apache-2.0', concluded: 'Apache-2.0', evidence: [{ path: 'LICENSE' }] },
    })
    expect(describeIn(files, root('path:crates/core', 'core')).licenses).toMatchObject({
      declared: 'MIT',
      concluded: 'MIT',
      evidence: [{ path: 'crates/core/LICENSE' }],
    })
  })

  it.each([
    [
      'PEP 621',
      '[project]\nname = "tool"\nlicense = "MIT"\nauthors = [{ name = "Ada" }]\n[project.urls]\nSource = "https://github.com/ada/tool"\n',
    ],
    [
      'PEP 621 before PEP 639',
      '[project]\nname = "tool"\nlicense = { text = "MIT" }\nauthors = [{ name = "Ada" }]\n[project.urls]\nRepository = "https://github.com/ada/tool"\n',
    ],
    [
      'Poetry',
      '[tool.poetry]\nname = "tool"\nlicense = "MIT"\nauthors = ["Ada <ada@example.org>"]\nrepository = "https://github.com/ada/tool"\n',
    ],
  ])('in Python is described as in %s', (_, text) => {
    expect(describeIn({ 'pyproject.toml': text }, root('path:.', 'tool'))).toMatchObject({
      supplier: { name: 'Ada' },
      source: { url: 'https://github.com/ada/tool' },
      licenses: { declared: 'MIT' },
    })
  })

  it('with two manifests is described by the one that bears its name', () => {
    const files = {
      'package.json': JSON.stringify({ name: 'web', license: 'ISC' }),
      'Cargo.toml': '[package]\nname = "tool"\nlicense = "MIT"\n',
    }
    expect(describeIn(files, root('path:.', 'tool')).licenses?.declared).toBe('MIT')
    expect(describeIn(files, root('path:.', 'web')).licenses?.declared).toBe('ISC')
    expect(describeIn(files, root('path:.', 'other')).licenses).toBeUndefined()
  })

  it('is itself where nothing is in the folder, or where the folder lies outside', () => {
    for (const ref of ['path:nowhere', 'path:../outside']) {
      const given = root(ref, 'tool')
      expect(describeIn({ 'package.json': '{"name":"tool","license":"MIT"}' }, given)).toBe(given)
    }
  })
})

describe('a disk', () => {
  it('with links in circles and out of the project is walked once, and nothing outside is read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'aiv-installed-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const outside = join(folder, 'outside')
    const left = join(folder, 'project/node_modules/left')
    mkdirSync(left, { recursive: true })
    mkdirSync(outside)
    writeFileSync(join(outside, 'LICENSE'), licenseText('MIT'))
    writeFileSync(join(outside, 'package.json'), '{"name":"right","version":"1.0.0","license":"MIT"}')
    writeFileSync(join(left, 'package.json'), '{"name":"left","version":"1.0.0","license":"MIT"}')
    symlinkSync(join(outside, 'LICENSE'), join(left, 'LICENSE'))
    symlinkSync('..', join(left, 'node_modules'))
    symlinkSync(outside, join(folder, 'project/node_modules/right'))
    const installed = findInstalled(new FolderFiles(join(folder, 'project')), ['.'])
    expect(installed.describe(component('npm', 'left', '1.0.0')).licenses).toEqual({
      declared: 'MIT',
      concluded: undefined,
      evidence: undefined,
    })
    const right = component('npm', 'right', '1.0.0')
    expect(installed.describe(right)).toBe(right)
  })
})
