import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Bom,
  COMPONENT_TYPES,
  type Component,
  type Dependencies,
  HASH_ALGORITHMS,
  LIFECYCLES,
  ORIGINS,
  SCOPES,
} from '../../../src/lib/lint/bom/index.ts'
import { readBom, writeBom } from '../../../src/lib/lint/documents/index.ts'
import { mergeBoms } from '../../../src/lib/lint/merge/index.ts'
import { scanProject } from '../../../src/lib/lint/scan/index.ts'
import { conformancePath } from '../../support/conformance.ts'

const word = fc.constantFrom('a', 'b', 'c')
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })
const party = fc.record({ kind: fc.constantFrom('person' as const, 'organization' as const), name: word })

const anyComponent: fc.Arbitrary<Component> = fc
  .record({
    ref: fc.constantFrom('path:.', 'path:x', 'one', 'two', 'three'),
    name: word,
    version: maybe(word),
    hasPurl: fc.boolean(),
    type: fc.constantFrom(...COMPONENT_TYPES),
    origin: fc.constantFrom(...ORIGINS),
    scope: fc.constantFrom(...SCOPES),
    hashes: maybe(
      fc.array(fc.record({ algorithm: fc.constantFrom(...HASH_ALGORITHMS), value: word }), { maxLength: 2 }),
    ),
    supplier: maybe(party),
    author: maybe(party),
    source: maybe(fc.record({ url: word, revision: maybe(word) })),
    homepage: maybe(word),
    licenses: maybe(
      fc.record({
        declared: maybe(fc.constantFrom('MIT', 'ISC', 'LicenseRef-own', 'odd words')),
        concluded: maybe(fc.constantFrom('MIT', 'ISC OR LicenseRef-own')),
      }),
    ),
    occurrences: maybe(
      fc.array(fc.record({ path: word, line: maybe(fc.integer({ min: 1, max: 2 })) }), { maxLength: 2 }),
    ),
    properties: maybe(fc.dictionary(word, word, { maxKeys: 2 })),
  })
  .map(({ hasPurl, ...rest }) => ({
    ...rest,
    purl: hasPurl ? `pkg:npm/${rest.name}${rest.version === undefined ? '' : `@${rest.version}`}` : undefined,
  }))

const anyBom: fc.Arbitrary<Bom> = fc
  .record({
    components: fc.uniqueArray(anyComponent, { selector: ({ ref }) => ref, maxLength: 5 }),
    edges: fc.array(fc.tuple(fc.nat(4), fc.nat(4)), { maxLength: 6 }),
    completeness: fc.array(fc.constantFrom('complete', 'incomplete', 'unknown'), {
      minLength: 5,
      maxLength: 5,
    }),
    primary: maybe(fc.nat(4)),
    text: word,
    document: fc.record({
      name: word,
      created: maybe(fc.constantFrom('2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z')),
      authors: fc.array(party, { maxLength: 2 }),
      tools: fc.array(fc.record({ name: word, version: maybe(word) }), { maxLength: 2 }),
      supplier: maybe(party),
      lifecycles: fc.uniqueArray(fc.constantFrom(...LIFECYCLES), { maxLength: 2 }),
      dataLicense: maybe(fc.constantFrom('CC0-1.0', 'MIT')),
    }),
  })
  .map(({ components, edges, completeness, primary, text, document }) => ({
    document,
    primary: primary === undefined ? undefined : components[primary]?.ref,
    components,
    dependencies: new Map(
      components.map(({ ref }, i): [string, Dependencies] => [
        ref,
        {
          on: edges.flatMap(([from, to]) =>
            from === i && components[to] !== undefined ? [components[to].ref] : [],
          ),
          completeness: completeness[i] as Dependencies['completeness'],
        },
      ]),
    ),
    extractedLicenses: [{ id: 'LicenseRef-own', text }],
  }))

function merge(...boms: readonly Bom[]): Bom {
  return mergeBoms(boms).bom
}

describe('merging', () => {
  it('does not depend on the order', () => {
    fc.assert(
      fc.property(anyBom, anyBom, anyBom, (a, b, c) => {
        expect(merge(c, a, b)).toEqual(merge(a, b, c))
        expect(mergeBoms([b, a]).conflicts).toEqual(mergeBoms([a, b]).conflicts)
      }),
      { numRuns: 500 },
    )
  })

  it('adds nothing when it is done again', () => {
    fc.assert(
      fc.property(anyBom, anyBom, (a, b) => {
        const both = merge(a, b)
        expect(merge(both)).toEqual(both)
        expect(merge(both, both)).toEqual(both)
        expect(merge(both, a)).toEqual(both)
        expect(merge(a, a)).toEqual(merge(a))
      }),
      { numRuns: 500 },
    )
  })

  it('may be done in steps', () => {
    fc.assert(
      fc.property(anyBom, anyBom, anyBom, (a, b, c) => {
        const { document: stepwise, ...rest } = merge(merge(a, b), c)
        const { document: once, ...expected } = merge(a, b, c)
        expect(rest).toEqual(expected)
        expect({ ...stepwise, name: '' }).toEqual({ ...once, name: '' })
      }),
      { numRuns: 500 },
    )
  })

  it('keeps every package, every dependency and every hash', () => {
    fc.assert(
      fc.property(anyBom, anyBom, (a, b) => {
        const merged = merge(a, b)
        const purls = new Set(merged.components.map(({ purl }) => purl))
        for (const bom of [a, b])
          for (const component of bom.components) {
            if (component.purl === undefined) continue
            expect(purls).toContain(component.purl)
            const found = merged.components.find(({ purl }) => purl === component.purl)
            expect(found?.hashes ?? []).toEqual(expect.arrayContaining([...(component.hashes ?? [])]))
            const needs = bom.dependencies.get(component.ref)?.on ?? []
            const purlsOfNeeds = needs.map((ref) => bom.components.find((item) => item.ref === ref)?.purl)
            const kept = merged.dependencies.get(component.purl)?.on ?? []
            for (const purl of purlsOfNeeds)
              if (purl !== undefined && purl !== component.purl) expect(kept).toContain(purl)
          }
      }),
    )
  })

  it('leaves no reference that leads nowhere or to itself, and no ref twice', () => {
    fc.assert(
      fc.property(anyBom, anyBom, (a, b) => {
        const { components, dependencies, primary } = merge(a, b)
        const refs = components.map(({ ref }) => ref)
        expect(new Set(refs).size).toBe(refs.length)
        expect(refs).toEqual(refs.toSorted())
        for (const [from, { on }] of dependencies)
          for (const ref of [from, ...on]) expect(refs).toContain(ref)
        for (const [from, { on }] of dependencies) expect(on).not.toContain(from)
        if (primary !== undefined) expect(refs).toContain(primary)
      }),
    )
  })
})

function project(name: string, own: string, packages: readonly Component[]): Bom {
  const base = { type: 'application', origin: 'workspace', scope: 'required' } as const
  return {
    document: { name, authors: [], tools: [], lifecycles: [] },
    primary: 'path:.',
    components: [
      ...packages,
      { ...base, ref: 'path:.', name, version: '1' },
      { ...base, ref: 'path:lib', name: own },
    ],
    dependencies: new Map([
      ['path:.', { on: ['path:lib', ...packages.map(({ ref }) => ref)], completeness: 'complete' }],
    ]),
    extractedLicenses: [],
  }
}

function npm(name: string, rest: Partial<Component> = {}): Component {
  const purl = `pkg:npm/${name}@1`
  return {
    ref: purl,
    purl,
    type: 'library',
    name,
    version: '1',
    origin: 'registry',
    scope: 'required',
    ...rest,
  }
}

describe('the projects of a merge', () => {
  it('stay apart although both lie in a folder of the same name', () => {
    const { bom } = mergeBoms([project('a', 'lib-a', [npm('x')]), project('b', 'lib-b', [npm('x')])])
    expect(bom.components.map(({ name }) => name).toSorted()).toEqual([
      'a',
      'b',
      'lib-a',
      'lib-b',
      'merged',
      'x',
    ])
    const top = bom.dependencies.get(bom.primary ?? '')?.on ?? []
    expect(bom.components.filter(({ ref }) => top.includes(ref)).map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it('are what a new component depends on, when it gets a name', () => {
    const boms = [project('a', 'lib-a', []), project('b', 'lib-b', [])]
    const { bom } = mergeBoms(boms, { name: 'product', version: '2' })
    const primary = bom.components.find(({ ref }) => ref === bom.primary)
    expect([primary?.name, primary?.version, bom.document.name]).toEqual(['product', '2', 'product'])
    expect(bom.dependencies.get(bom.primary ?? '')?.on).toHaveLength(2)
    expect(mergeBoms([bom, bom], { name: 'product', version: '2' }).bom).toEqual(bom)
  })
})

describe('what two documents say differently', () => {
  it('is told, and nothing of it is lost', () => {
    const a = project('a', 'lib', [
      npm('x', { licenses: { declared: 'MIT' }, hashes: [{ algorithm: 'sha1', value: 'aa' }] }),
    ])
    const b = project('a', 'lib', [
      npm('x', { licenses: { declared: 'ISC' }, hashes: [{ algorithm: 'sha1', value: 'bb' }] }),
    ])
    const { bom, conflicts } = mergeBoms([a, b])
    expect(conflicts).toEqual([
      { ref: 'pkg:npm/x@1', field: 'declared license', values: ['ISC', 'MIT'] },
      { ref: 'pkg:npm/x@1', field: 'hash', values: ['sha1:aa', 'sha1:bb'] },
    ])
    const merged = bom.components.find(({ name }) => name === 'x')
    expect(merged?.licenses?.declared).toBe('ISC')
    expect(JSON.stringify(merged?.properties)).toContain('MIT')
    expect(merged?.hashes?.map(({ value }) => value)).toEqual(['aa', 'bb'])
  })

  it('about an own license of one name becomes two licenses', () => {
    const own = (name: string, text: string): Bom => ({
      ...project(name, 'lib', [npm(name, { licenses: { declared: 'MIT OR LicenseRef-1' } })]),
      extractedLicenses: [{ id: 'LicenseRef-1', text }],
    })
    const { bom } = mergeBoms([own('a', 'first'), own('b', 'second')])
    expect(bom.extractedLicenses.map(({ text }) => text).toSorted()).toEqual(['first', 'second'])
    const declared = ['a', 'b'].map(
      (name) => bom.components.find(({ purl }) => purl === `pkg:npm/${name}@1`)?.licenses?.declared,
    )
    const texts = declared.map(
      (license) => bom.extractedLicenses.find(({ id }) => `MIT OR ${id}` === license)?.text,
    )
    expect(texts).toEqual(['first', 'second'])
  })

  it('survives properties that only look like those of a merge', () => {
    const odd = {
      'aiv:merge:others:supplier': '["x"]',
      'aiv:merge:others:source': '{',
      'aiv:merge:others:author': '[[]]',
    }
    const supplier = { kind: 'person', name: 'S' } as const
    const { bom } = mergeBoms([project('a', 'lib', [npm('x', { properties: odd, supplier })])])
    expect(bom.components.find(({ name }) => name === 'x')?.supplier).toMatchObject(supplier)
  })
})

const REAL = conformancePath('lint', 'lockfiles', 'real')

it.skipIf(REAL === undefined)(
  'merged documents of real projects are the same bytes in any order and format',
  async () => {
    const [a, b] = await Promise.all(
      ['phoenix', 'ripgrep'].map(async (name) => (await scanProject(join(REAL as string, name))).bom),
    )
    const read = async (bom: Bom | undefined, format: 'spdx-json' | 'cdx-json'): Promise<Bom> =>
      (await readBom(await writeBom(bom as Bom, format))).bom
    const one = await writeBom(merge(await read(a, 'spdx-json'), await read(b, 'cdx-json')), 'cdx-json')
    const other = await writeBom(merge(await read(b, 'spdx-json'), await read(a, 'cdx-json')), 'cdx-json')
    expect(other).toBe(one)
    const again = merge((await readBom(one)).bom, await read(a, 'spdx-json'))
    expect(await writeBom(again, 'cdx-json')).toBe(one)
  },
  60_000,
)
