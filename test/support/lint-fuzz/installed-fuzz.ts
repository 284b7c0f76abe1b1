/** Broken manifests and license files of installed packages say less, and never something that no text says. */
import { createRequire } from 'node:module'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import type { Component } from '../../../src/lib/lint/bom/index.ts'
import { findInstalled } from '../../../src/lib/lint/installed/index.ts'
import { MemoryFiles } from '../../../src/lib/lint/readers/index.ts'
import { pickOne } from '../session-mutation.ts'
import { mutateText } from './mutate-text.ts'

const load = createRequire(import.meta.url)

function licenseText(id: string): string {
  const { licenseText: text } = load(`spdx-license-list/licenses/${id}.json`) as {
    readonly licenseText: string
  }
  return text
}

/** One package of each ecosystem, whole. */
function project(random: SeededRandom): Record<string, string> {
  const license = licenseText(pickOne(random, ['MIT', 'ISC', 'Apache-2.0', 'BSD-3-Clause', 'LGPL-2.1-only']))
  return {
    'node_modules/a/package.json':
      '{"name":"a","version":"1","license":"MIT OR ISC","author":"Ada <ada@example.org>","repository":"git+ssh://git@github.com/ada/a.git"}',
    'node_modules/a/LICENSE': license,
    '.venv/pyvenv.cfg': '',
    '.venv/lib/python3/site-packages/a-1.dist-info/METADATA':
      'Name: a\nVersion: 1\nLicense-Expression: MIT\nAuthor-email: Ada <ada@example.org>\nLicense-File: LICENSE\nProject-URL: Source, https://github.com/ada/a\n\nText\n',
    '.venv/lib/python3/site-packages/a-1.dist-info/licenses/LICENSE': license,
    'vendor/composer/installed.json':
      '{"packages":[{"name":"a/a","version":"v1","license":["MIT","ISC"],"authors":[{"name":"Ada"}],"source":{"url":"https://github.com/ada/a.git"}}]}',
    'vendor/a/a/LICENSE': license,
    'vendor/modules.txt': '# a/a v1\n## explicit\n# b v1 => a/a v1\n',
    'vendor/a/.cargo-checksum.json': '{}',
    'vendor/a/Cargo.toml':
      '[package]\nname = "a"\nversion = "1"\nlicense = "MIT/ISC"\nauthors = ["Ada"]\nrepository = "https://github.com/ada/a"\n',
    'vendor/a/LICENSE': license,
    'vendor/bundle/ruby/3/specifications/a-1.gemspec':
      '  s.name = "a".freeze\n  s.version = "1"\n  s.licenses = ["MIT".freeze]\n  s.authors = ["Ada".freeze]\n',
    'vendor/bundle/ruby/3/gems/a-1/LICENSE': license,
    'deps/a/hex_metadata.config':
      '{<<"name">>,<<"a">>}.\n{<<"version">>,<<"1">>}.\n{<<"licenses">>,[<<"MIT">>]}.\n{<<"links">>,[{<<"GitHub">>,<<"https://github.com/ada/a">>}]}.\n',
    'deps/a/LICENSE': license,
  }
}

const PACKAGES: readonly (readonly [type: string, name: string])[] = [
  ['npm', 'a'],
  ['pypi', 'a'],
  ['composer', 'a/a'],
  ['golang', 'a/a'],
  ['cargo', 'a'],
  ['gem', 'a'],
  ['hex', 'a'],
]

/** Files that one run breaks. */
export const INSTALLED_INPUTS = 4

export function fuzzInstalled(seed: number): void {
  const random = new SeededRandom(seed)
  const files = project(random)
  for (let times = 0; times < INSTALLED_INPUTS; times += 1) {
    const path = pickOne(random, Object.keys(files))
    files[path] = mutateText(random, files[path] ?? '')
  }
  const installed = findInstalled(new MemoryFiles(files), ['.'])
  for (const [type, name] of PACKAGES) {
    const purl = `pkg:${type}/${name}@1`
    check(
      installed.describe({
        ref: purl,
        purl,
        type: 'library',
        name,
        version: '1',
        origin: 'registry',
        scope: 'required',
      }),
    )
  }
}

function check({ purl, licenses, supplier, author, source, homepage }: Component): void {
  const evidence = licenses?.evidence ?? []
  if (licenses?.concluded !== undefined && evidence.length === 0)
    throw new Error(`${purl}: concluded from nothing`)
  for (const { similarity } of evidence)
    if (!(similarity >= 0.95 && similarity <= 1)) throw new Error(`${purl}: similarity ${similarity}`)
  for (const party of [supplier, author])
    if (party !== undefined && (party.name === '' || /\p{Cc}/u.test(party.name)))
      throw new Error(`${purl}: a bad name`)
  for (const url of [source?.url, homepage])
    if (url !== undefined && (!URL.canParse(url) || /:\/\/[^/]*@/.test(url)))
      throw new Error(`${purl}: the address ${url}`)
}
