import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findInstalled } from '../../../src/lib/lint/installed/index.ts'
import { FolderFiles } from '../../../src/lib/lint/readers/folder-files.ts'
import { REPOSITORY } from '../../support/aiv.ts'
import { component, describeIn, licenseText } from './described.ts'

function manifest(fields: object): string {
  return JSON.stringify({ name: 'left', version: '1.2.3', ...fields })
}

const LEFT = component('npm', 'left', '1.2.3')

describe('a package in node_modules', () => {
  it('gives a component what its manifest and its license file say', () => {
    const files = {
      'node_modules/left/package.json': manifest({
        license: 'MIT',
        author: 'Ada Lovelace <ada@example.org> (https://example.org/ada)',
        description: 'Keeps\n  left.',
        homepage: 'https://example.org/left',
        repository: { type: 'git', url: 'git+https://github.com/ada/left.git' },
        gitHead: '0123456789abcdef0123456789abcdef01234567',
      }),
      'node_modules/left/LICENSE': licenseText('MIT'),
    }
    expect(describeIn(files, LEFT)).toEqual({
      ...LEFT,
      description: 'Keeps left.',
      homepage: 'https://example.org/left',
      supplier: {
        kind: 'person',
        name: 'Ada Lovelace',
        email: 'ada@example.org',
        url: 'https://example.org/ada',
      },
      source: {
        url: 'https://github.com/ada/left.git',
        revision: '0123456789abcdef0123456789abcdef01234567',
      },
      copyright: 'Copyright (c) 2020 Ada Lovelace',
      licenses: {
        declared: 'MIT',
        concluded: 'MIT',
        evidence: [{ path: 'node_modules/left/LICENSE', license: 'MIT', similarity: 1 }],
      },
    })
  })

  it('is found at the version of the lockfile, wherever it is nested', () => {
    const files = {
      'node_modules/left/package.json': manifest({ version: '2.0.0', license: 'ISC' }),
      'node_modules/@scope/right/package.json': manifest({ name: '@scope/right', version: '1.0.0' }),
      'node_modules/@scope/right/node_modules/left/package.json': manifest({ license: 'MIT' }),
    }
    expect(describeIn(files, LEFT).licenses?.declared).toBe('MIT')
    const other = component('npm', 'left', '3.0.0')
    expect(describeIn(files, other)).toBe(other)
  })

  it('at several places is named by the one nearest to the top', () => {
    const files = Object.fromEntries(
      ['node_modules/a/node_modules/b/node_modules/left', 'node_modules/z/node_modules/left'].flatMap(
        (folder) => [
          [`${folder.slice(0, folder.lastIndexOf('/node_modules'))}/package.json`, '{}'],
          [`${folder}/package.json`, manifest({ license: 'MIT' })],
          [`${folder}/LICENSE`, licenseText('MIT')],
        ],
      ),
    )
    expect(describeIn(files, LEFT).licenses?.evidence?.[0]?.path).toBe(
      'node_modules/z/node_modules/left/LICENSE',
    )
  })

  it.each([
    ['of pnpm', 'node_modules/.pnpm/left@1.2.3/node_modules/left'],
    ['of pnpm, with a scope beside it', 'node_modules/.pnpm/@scope+x@1.0.0_left@1.2.3/node_modules/left'],
    ['of Bun', 'node_modules/.bun/left@1.2.3/node_modules/left'],
    ['of Deno', 'node_modules/.deno/left@1.2.3/node_modules/left'],
    ['of Yarn', 'node_modules/.store/left-npm-1.2.3-0123456789/package'],
    ['under another name', 'node_modules/alias-of-left'],
  ])('is found in the store %s', (_, folder) => {
    const files = {
      [`${folder}/package.json`]: manifest({ license: 'MIT' }),
      [`${folder}/LICENSE`]: licenseText('MIT'),
    }
    expect(describeIn(files, LEFT).licenses).toEqual({
      declared: 'MIT',
      concluded: 'MIT',
      evidence: [{ path: `${folder}/LICENSE`, license: 'MIT', similarity: 1 }],
    })
  })

  it('is found below a member of a workspace', () => {
    const files = { 'packages/app/node_modules/left/package.json': manifest({ license: 'MIT' }) }
    expect(describeIn(files, LEFT, ['.', 'packages/app']).licenses?.declared).toBe('MIT')
    expect(describeIn(files, LEFT)).toBe(LEFT)
  })

  it.each([
    ['a table', { license: { type: 'MIT', url: 'https://example.org' } }, 'MIT'],
    ['a list of tables', { licenses: [{ type: 'MIT' }, { type: 'Apache-2.0' }] }, 'MIT OR Apache-2.0'],
    ['a reference', { license: 'SEE LICENSE IN LICENSE.md' }, 'SEE LICENSE IN LICENSE.md'],
    ['a refusal', { license: 'UNLICENSED' }, 'UNLICENSED'],
    ['a number', { license: 3 }, undefined],
    ['nothing', {}, undefined],
  ])('declares the license that the manifest writes as %s', (_, fields, declared) => {
    const files = { 'node_modules/left/package.json': manifest(fields) }
    expect(describeIn(files, LEFT).licenses?.declared).toBe(declared)
  })

  it('keeps what the component says already', () => {
    const files = {
      'node_modules/left/package.json': manifest({
        license: 'ISC',
        author: 'Somebody',
        description: 'other',
      }),
    }
    const known = {
      ...LEFT,
      description: 'known',
      supplier: { kind: 'organization', name: 'Known Ltd' } as const,
      licenses: { declared: 'MIT' },
      properties: { 'aiv:npm:alias': 'l' },
    }
    expect(describeIn(files, known)).toMatchObject({ ...known, author: { name: 'Somebody' } })
  })

  it('concludes nothing where a license file is not known', () => {
    const files = {
      'node_modules/left/package.json': manifest({ license: 'MIT' }),
      'node_modules/left/LICENSE': licenseText('MIT'),
      'node_modules/left/LICENSE-fonts': 'You may look at the fonts, and pay before you use them.',
    }
    const { licenses } = describeIn(files, LEFT)
    expect(licenses?.concluded).toBeUndefined()
    expect(licenses?.evidence).toEqual([{ path: 'node_modules/left/LICENSE', license: 'MIT', similarity: 1 }])
  })

  it('concludes a choice from both texts and a file that points to them', () => {
    const files = {
      'node_modules/left/package.json': manifest({ license: 'MIT OR Unlicense' }),
      'node_modules/left/COPYING':
        'This project is dual-licensed under the Unlicense and MIT licenses.\n\nYou may use this code under the terms of either license.\n',
      'node_modules/left/LICENSE-MIT': licenseText('MIT'),
      'node_modules/left/UNLICENSE': licenseText('Unlicense'),
    }
    expect(describeIn(files, LEFT).licenses?.concluded).toBe('MIT OR Unlicense')
  })

  it('names the text of GPL as the declared license does', () => {
    const files = (license: string) => ({
      'node_modules/left/package.json': manifest({ license }),
      'node_modules/left/COPYING': licenseText('GPL-3.0-only'),
    })
    expect(describeIn(files('GPL-3.0-or-later'), LEFT).licenses).toMatchObject({
      concluded: 'GPL-3.0-or-later',
      evidence: [{ license: 'GPL-3.0-or-later' }],
    })
    expect(describeIn(files('see COPYING'), LEFT).licenses).toMatchObject({
      declared: 'see COPYING',
      concluded: undefined,
      evidence: [{ license: 'GPL-3.0' }],
    })
  })

  it('without a license file, and with a readme that names one, concludes nothing', () => {
    const files = {
      'node_modules/left/package.json': manifest({ license: 'MIT' }),
      'node_modules/left/README.md': `# left\n\n## License\n\n${licenseText('MIT')}`,
    }
    expect(describeIn(files, LEFT).licenses).toEqual({
      declared: 'MIT',
      concluded: undefined,
      evidence: undefined,
    })
  })

  it('that names nobody is supplied by the owner of its repository, and that is told', () => {
    const files = { 'node_modules/left/package.json': manifest({ repository: 'github:makers/left' }) }
    const found = describeIn(files, LEFT)
    expect(found.supplier).toEqual({ kind: 'organization', name: 'makers', url: 'https://github.com/makers' })
    expect(found.properties).toEqual({ 'aiv:supplier:from': 'repository' })
  })

  it.each([
    ['broken', '{'],
    ['a list', '[]'],
    ['nested without end', '['.repeat(100_000)],
    ['with names that are no texts', '{"name":{},"version":[]}'],
    ['with a name of the engine', '{"name":"__proto__","version":"1.2.3","__proto__":{"license":"MIT"}}'],
  ])('with a manifest that is %s is not found, and nothing breaks', (_, text) => {
    expect(describeIn({ 'node_modules/left/package.json': text }, LEFT)).toBe(LEFT)
  })

  it('with a license file that is no UTF-8 is read still', () => {
    const files = {
      'node_modules/left/package.json': manifest({ license: 'MIT' }),
      'node_modules/left/LICENSE': Buffer.from(
        licenseText('MIT', 'Copyright \u00a9 2020 Jos\u00e9'),
        'latin1',
      ),
    }
    expect(describeIn(files, LEFT).licenses?.concluded).toBe('MIT')
  })
})

describe('the packages of this project', () => {
  const root = dirname(realpathSync(join(REPOSITORY, 'node_modules')))
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<
      Record<string, { readonly version: string; readonly license?: string; readonly optional?: boolean }>
    >
  }

  it('declare what npm itself wrote into the lockfile, and nothing is concluded without a text', () => {
    const installed = findInstalled(new FolderFiles(root), ['.'])
    const described = Object.entries(lock.packages)
      .filter(([path]) => path.startsWith('node_modules/'))
      .map(([path, { version, license }]) => {
        const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
        const given = component('npm', name, version)
        return { license, given, found: installed.describe(given) }
      })
      .filter(({ found }) => found.licenses !== undefined)
    expect(described.length).toBeGreaterThan(100)
    expect(
      described.filter(({ license, found }) => license !== undefined && license !== found.licenses?.declared),
    ).toEqual([])
    expect(described.filter(({ found }) => found.supplier === undefined)).toEqual([])
    const concluded = described.filter(({ found }) => found.licenses?.concluded !== undefined)
    expect(concluded.length / described.length).toBeGreaterThan(0.85)
    for (const { found } of concluded) expect(found.licenses?.evidence?.length, found.name).toBeGreaterThan(0)
  })
})
