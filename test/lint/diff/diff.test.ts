import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Bom, Component } from '../../../src/lib/lint/bom/index.ts'
import { diffBoms, labelOf } from '../../../src/lib/lint/diff/index.ts'
import { BOM_FORMATS, readBom, writeBom } from '../../../src/lib/lint/documents/index.ts'
import { scanProject } from '../../../src/lib/lint/scan/index.ts'
import { REPOSITORY } from '../../support/aiv.ts'
import { conformancePath } from '../../support/conformance.ts'

async function fixture(name: string): Promise<Bom> {
  return (await readBom(readFileSync(join(REPOSITORY, 'fixtures', 'sbom', name), 'utf8'))).bom
}

function npm(name: string, version: string, rest: Partial<Component> = {}): Component {
  const purl = `pkg:npm/${name}@${version}`
  return { ref: purl, type: 'library', name, version, purl, origin: 'registry', scope: 'required', ...rest }
}

function bom(components: readonly Component[], edges: Readonly<Record<string, readonly string[]>> = {}): Bom {
  return {
    document: { name: 'test', authors: [], tools: [], lifecycles: [] },
    components,
    dependencies: new Map(
      components.map(({ ref }) => [ref, { on: edges[ref] ?? [], completeness: 'complete' as const }]),
    ),
    extractedLicenses: [],
  }
}

function changes(before: Bom, after: Bom): readonly unknown[] {
  return diffBoms(before, after).changed.map((item) => [labelOf(item.before), item.changes])
}

describe('the difference between two inventories', () => {
  it('is what was changed by hand, across formats', async () => {
    const { added, removed, changed } = diffBoms(
      await fixture('old.spdx.json'),
      await fixture('new.cdx.json'),
    )
    expect(added.map(labelOf)).toEqual(['colors@1.4.0'])
    expect(removed.map(labelOf)).toEqual(['pkg:npm/left-pad'])
    expect(changed.map((item) => [labelOf(item.before), item.changes])).toEqual([
      ['pkg:npm/debug@4.3.4', [{ field: 'version', before: '4.3.4', after: '4.3.7' }]],
      [
        'pkg:npm/ms@2.1.2',
        [
          { field: 'license', before: 'GPL-2.0 AND MIT', after: 'MIT' },
          {
            field: 'hash',
            before: ['sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709'],
            after: [`sha1:${'b'.repeat(40)}`],
          },
        ],
      ],
      [
        'shop@1.0.0',
        [
          { field: 'version', before: '1.0.0', after: '1.1.0' },
          { field: 'license', before: 'MIT', after: undefined },
          { field: 'dependencies', before: ['pkg:npm/left-pad'], after: ['colors@1.4.0'] },
        ],
      ],
    ])
  })

  it('is the same the other way round, with the sides exchanged', async () => {
    const [a, b] = [await fixture('old.spdx.json'), await fixture('new.cdx.json')]
    const [there, back] = [diffBoms(a, b), diffBoms(b, a)]
    expect(back.added).toEqual(there.removed)
    expect(back.removed).toEqual(there.added)
    const byRef = (a: Component, b: Component): number => (a.ref < b.ref ? -1 : 1)
    expect(back.changed.map(({ after }) => after).toSorted(byRef)).toEqual(
      there.changed.map(({ before }) => before).toSorted(byRef),
    )
  })

  it('pairs versions of one package in their order, and numbers count as numbers', () => {
    const before = bom([npm('a', '1.9.0'), npm('a', '1.10.0')])
    const after = bom([npm('a', '1.10.0'), npm('a', '1.11.0'), npm('a', '2.0.0')])
    const { added, removed, changed } = diffBoms(before, after)
    expect(changed.map((pair) => [pair.before.version, pair.after.version])).toEqual([['1.9.0', '1.11.0']])
    expect(added.map(({ version }) => version)).toEqual(['2.0.0'])
    expect(removed).toEqual([])
  })

  it('does not take another kind of hash for other content', () => {
    const [sha1, sha256] = [
      { algorithm: 'sha1', value: 'aa' } as const,
      { algorithm: 'sha256', value: 'bb' } as const,
    ]
    const one = bom([npm('a', '1', { hashes: [sha1] })])
    expect(changes(one, bom([npm('a', '1', { hashes: [sha1, sha256] })]))).toEqual([])
    expect(changes(one, bom([npm('a', '1', { hashes: [sha256] })]))).toEqual([])
    expect(changes(one, bom([npm('a', '1')]))).toEqual([
      ['pkg:npm/a@1', [{ field: 'hash', before: ['sha1:aa'], after: [] }]],
    ])
  })

  it('does not see an OR in another order, nor a dependency in another version', () => {
    const before = bom([npm('a', '1', { licenses: { declared: 'MIT OR ISC' } }), npm('b', '1')], {
      'pkg:npm/a@1': ['pkg:npm/b@1'],
    })
    const after = bom([npm('a', '1', { licenses: { declared: '(isc or MIT)' } }), npm('b', '2')], {
      'pkg:npm/a@1': ['pkg:npm/b@2'],
    })
    expect(changes(before, after)).toEqual([['pkg:npm/b@1', [{ field: 'version', before: '1', after: '2' }]]])
  })

  it('sees a scope, a supplier and a new dependency', () => {
    const before = bom([npm('a', '1'), npm('b', '1')])
    const supplier = { kind: 'organization', name: 'B' } as const
    const after = bom([npm('a', '1'), npm('b', '1', { scope: 'dev', supplier })], {
      'pkg:npm/a@1': ['pkg:npm/b@1'],
    })
    expect(changes(before, after)).toEqual([
      ['pkg:npm/a@1', [{ field: 'dependencies', before: [], after: ['pkg:npm/b@1'] }]],
      [
        'pkg:npm/b@1',
        [
          { field: 'scope', before: 'required', after: 'dev' },
          { field: 'supplier', before: undefined, after: 'B' },
        ],
      ],
    ])
  })

  it('takes a component without a package URL for the one of its name', () => {
    const before = bom([{ ...npm('a', '1'), ref: 'one', purl: undefined }])
    expect(changes(before, bom([npm('a', '1')]))).toEqual([
      ['a@1', [{ field: 'purl', before: undefined, after: 'pkg:npm/a@1' }]],
    ])
    const { changed } = diffBoms(before, bom([{ ...npm('a', '2'), ref: 'two', purl: undefined }]))
    expect(changed.map(({ changes: list }) => list.map(({ field }) => field))).toEqual([['version']])
  })

  it('is quick on versions and package URLs that are made to be slow', () => {
    const digits = '9'.repeat(50_000)
    const many = (end: string): Bom =>
      bom(
        Array.from({ length: 200 }, (_, i) =>
          npm('a', `${i % 7}${digits}${end}`, { ref: `r${i}`, purl: 'pkg:' }),
        ),
      )
    const before = performance.now()
    diffBoms(many('1'), many('2'))
    expect(performance.now() - before).toBeLessThan(5000)
  })
})

const REAL = conformancePath('lint', 'lockfiles', 'real')

describe.skipIf(REAL === undefined)('the real projects', () => {
  it.each(['axios', 'phoenix', 'vuejs-core', 'ripgrep', 'poetry', 'pydantic', 'demo'])(
    '%s: nothing differs from itself, in whatever format it was written',
    async (name) => {
      const { bom: scanned } = await scanProject(join(REAL as string, name))
      const nothing = { added: [], removed: [], changed: [] }
      expect(diffBoms(scanned, scanned)).toEqual(nothing)
      const formats = BOM_FORMATS
      for (const format of formats) {
        const { bom: read } = await readBom(await writeBom(scanned, format))
        expect(diffBoms(scanned, read)).toEqual(nothing)
      }
    },
    60_000,
  )
})
