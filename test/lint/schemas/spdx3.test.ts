import type { ValidateFunction } from 'ajv'
import { describe, expect, it } from 'vitest'
import { validateDocument } from '../../../src/lib/lint/schemas/index.ts'
import { mutated, seeded } from '../../support/mutations.ts'
import { officialSpdx3 } from '../../support/official-schemas.ts'

const official = officialSpdx3()

const CONTEXT = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld'

const VALUES = [
  '',
  'text',
  'https://example.com/a',
  '_:b',
  '_:',
  'a:b',
  ':b',
  1,
  0,
  -1,
  1.5,
  '1.5',
  '-2.',
  '1.',
  true,
  null,
  [],
  {},
  ['_:b'],
  ['https://example.com/a', '_:b'],
  'NoneElement',
  'NoAssertionElement',
  'SpdxOrganization',
  'expandedlicensing_NoneLicense',
  'Person',
  'software_Package',
  'Element',
  'extension_Extension',
  'text/plain',
  'a/b/c',
  '3.0.1',
  '3.0.01',
  '1.0.0-rc.1+b.2',
  '2026-01-31T12:00:00Z',
  '2026-01-31T12:00:00.5Z',
  '2026-01-31T12:00:00+01:00',
  '2026-01-31T32:00:00Z',
  { type: 'https://example.com/Extension', anything: 1 },
  { type: 'Person', spdxId: 'https://example.com/p', creationInfo: '_:c', name: 'p' },
  {
    type: 'CreationInfo',
    '@id': '_:c',
    specVersion: '3.0.1',
    created: '2026-01-31T12:00:00Z',
    createdBy: ['a:b'],
  },
  { type: 'Hash', algorithm: 'sha256', hashValue: '00' },
  { type: 'DictionaryEntry', key: 'k' },
]

type Definitions = Readonly<Record<string, Readonly<Record<string, unknown>>>>

interface PropertySchema {
  readonly $ref?: string
  readonly oneOf?: readonly [{ readonly items: { readonly $ref: string }; readonly minItems?: number }]
}

/** One object of each class with all its properties, made from the official schema alone. */
function instances(validate: ValidateFunction): Record<string, unknown>[] {
  const { $defs } = validate.schema as { readonly $defs: Definitions }
  return Object.keys($defs)
    .filter((name) => $defs[`${name}_props`] !== undefined && name !== 'extension_Extension')
    .map((name) => {
      const [{ properties = {} }] = ($defs[name] as unknown as { allOf: [{ properties?: object }] }).allOf
      const id = 'spdxId' in properties ? { spdxId: `https://example.com/${name}` } : { '@id': `_:${name}` }
      return { type: name, ...id, ...allProperties(`${name}_props`, $defs) }
    })
}

function allProperties(props: string, $defs: Definitions): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const part of ($defs[props]?.allOf ?? []) as readonly Record<string, unknown>[]) {
    const parent = typeof part.$ref === 'string' ? part.$ref.split('/').at(-1) : undefined
    if (parent !== undefined && parent !== 'SHACLClass') Object.assign(found, allProperties(parent, $defs))
    for (const [name, schema] of Object.entries((part.properties ?? {}) as Record<string, PropertySchema>)) {
      const list = schema.oneOf?.[0]
      const single = sampleOf((list?.items.$ref ?? schema.$ref ?? '').split('/').at(-1) ?? '', $defs)
      found[name] = list === undefined ? single : [single, single]
    }
  }
  delete found.type
  return found
}

function sampleOf(name: string, $defs: Definitions): unknown {
  const definition = $defs[name] ?? {}
  const words = definition.enum as readonly string[] | undefined
  if (words !== undefined) return words[0]
  const text = JSON.stringify(definition)
  if (definition.$ref !== undefined) return 'https://example.com/reference'
  if (text.includes('[0-2][0-9]')) return '2026-01-31T12:00:00Z'
  if (definition.type === 'boolean') return true
  if (definition.type === 'integer') return 3
  if (text.includes('"number"')) return 0.5
  if (text.includes('[^\\\\/]+')) return 'text/plain'
  if (text.includes('(0|[1-9]')) return '3.0.1'
  return 'text'
}

async function isValid(json: unknown): Promise<boolean> {
  return (await validateDocument(json, 'spdx', '3.0.1'))?.length === 0
}

describe.skipIf(official === undefined)('the structure of SPDX 3.0.1', () => {
  const all = official === undefined ? [] : instances(official)
  const document = { '@context': CONTEXT, '@graph': all }

  it('knows every class with every property', async () => {
    expect(all.length).toBeGreaterThan(70)
    for (const item of all) {
      const alone = { '@context': CONTEXT, '@graph': [item] }
      expect([item.type, await validateDocument(alone, 'spdx', '3.0.1')]).toEqual([
        item.type,
        official?.(alone) === true ? [] : 'a judgement that the official schema does not share',
      ])
    }
  })

  it('accepts a single object at the top', async () => {
    const single = { '@context': CONTEXT, ...all.find(({ type }) => type === 'software_Sbom') }
    expect([await isValid(single), official?.(single)]).toEqual([true, true])
    const both = { ...single, '@graph': [] }
    expect([await isValid(both), official?.(both)]).toEqual([false, false])
  })

  it('agrees with the official schema on every single change of one object', {
    timeout: 120_000,
  }, async () => {
    const next = seeded(301)
    let invalid = 0
    let rounds = 0
    for (const item of all) {
      for (let round = 0; round < 60; round += 1) {
        const changed = { '@context': CONTEXT, '@graph': [mutated(item, VALUES, next)] }
        const expected = official?.(changed) === true
        rounds += 1
        if (!expected) invalid += 1
        if ((await isValid(changed)) !== expected)
          expect.fail(
            `${String(item.type)}: the official schema says ${expected}: ${JSON.stringify(changed)}`,
          )
      }
    }
    expect(invalid).toBeGreaterThan(rounds / 4)
    expect(invalid).toBeLessThan(rounds * 0.95)
  })

  it('agrees on changes of a whole document', { timeout: 120_000 }, async () => {
    const next = seeded(302)
    for (let round = 0; round < 300; round += 1) {
      const changed = mutated(document, VALUES, next)
      const expected = official?.(changed) === true
      if ((await isValid(changed)) !== expected)
        expect.fail(
          `round ${round}: the official schema says ${expected}: ${JSON.stringify(official?.errors?.[0])}`,
        )
    }
  })
})
