import { readFileSync } from 'node:fs'
import type { ValidateFunction } from 'ajv'
import { describe, expect, it } from 'vitest'
import { validateDocument } from '../../../src/lib/lint/schemas/index.ts'
import { conformancePath } from '../../support/conformance.ts'
import { mutated, seeded } from '../../support/mutations.ts'
import { officialSpdx23 } from '../../support/official-schemas.ts'

const official = officialSpdx23()
const example = conformancePath('lint', 'examples', 'SPDXJSONExample-v2.3.spdx.json')

/** What fields of other types and words of other lists look like. */
const VALUES = [
  '',
  'text',
  1,
  1.5,
  true,
  null,
  [],
  {},
  ['text'],
  [1],
  'SHA256',
  'SHA3-224',
  'DEPENDS_ON',
  'DEPENDS ON',
  'PACKAGE_MANAGER',
  'PACKAGE-MANAGER',
  'PERSISTENT_ID',
  'OPERATING-SYSTEM',
  'OPERATING_SYSTEM',
  'REVIEW',
]

async function isValid(json: unknown): Promise<boolean> {
  return (await validateDocument(json, 'spdx', '2.3'))?.length === 0
}

describe.skipIf(official === undefined || example === undefined)('the structure of SPDX 2.3', () => {
  const document: unknown = official === undefined ? {} : JSON.parse(readFileSync(example as string, 'utf8'))

  it('accepts the example of the specification', async () => {
    expect(await validateDocument(document, 'spdx', '2.3')).toEqual([])
  })

  it('agrees with the official schema on 6000 changed documents', async () => {
    const next = seeded(20261123)
    let invalid = 0
    for (let round = 0; round < 6000; round += 1) {
      const changed = mutated(document, VALUES, next)
      const expected = official?.(changed) === true
      if (!expected) invalid += 1
      if ((await isValid(changed)) !== expected)
        expect.fail(
          `round ${round}: the official schema says ${expected}: ${JSON.stringify(official?.errors)}`,
        )
    }
    // Otherwise both could say yes to everything.
    expect(invalid).toBeGreaterThan(1000)
    expect(invalid).toBeLessThan(5900)
  })

  it('has every field and every word of the official schema', async () => {
    const { properties } = (official as ValidateFunction).schema as {
      properties: Record<string, Record<string, never>>
    }
    const lists: readonly string[] = Object.keys(properties).filter(
      (name) => 'items' in (properties[name] ?? {}),
    )
    expect(lists.length).toBeGreaterThan(5)
    const base = document as Record<string, Record<string, unknown>[]>
    for (const name of lists) {
      const { items } = properties[name] as unknown as {
        items: {
          properties?: Record<string, { enum?: string[]; type?: string; items?: { enum?: string[] } }>
        }
      }
      for (const [field, schema] of Object.entries(items.properties ?? {})) {
        const words = schema.enum ?? (schema.type === 'string' ? ['text'] : [])
        for (const word of words) {
          const changed = { ...base, [name]: [{ ...base[name]?.[0], [field]: word }] }
          expect([name, field, word, await isValid(changed)]).toEqual([
            name,
            field,
            word,
            official?.(changed),
          ])
        }
      }
    }
  })
})

describe('the structure of SPDX 2', () => {
  it('says where what is wrong', async () => {
    const document = {
      SPDXID: 'SPDXRef-DOCUMENT',
      spdxVersion: 'SPDX-2.3',
      name: 'n',
      dataLicense: 'CC0-1.0',
      documentNamespace: 'https://example.com/n',
      creationInfo: { created: '2026-01-01T00:00:00Z', creators: [] },
      packages: [{ SPDXID: 'SPDXRef-a', name: 'a', versionInfo: 1, 'a/b': '' }],
    }
    expect(await validateDocument(document, 'spdx', '2.3')).toEqual([
      { pointer: '/creationInfo/creators', message: 'has to have at least 1 entries' },
      { pointer: '/packages/0', message: 'has no downloadLocation' },
      { pointer: '/packages/0/versionInfo', message: 'has to be a text' },
      { pointer: '/packages/0', message: 'has a field that the format does not know: "a/b"' },
    ])
  })

  it('stops at a thousand objections', async () => {
    const packages = Array.from({ length: 100_000 }, () => 0)
    expect(await validateDocument({ packages }, 'spdx', '2.3')).toHaveLength(1000)
  })

  it('has no opinion on versions that it does not know', async () => {
    expect(await validateDocument({}, 'spdx', '9.9')).toBeUndefined()
    expect(await validateDocument({}, 'cyclonedx', '1.1')).toBeUndefined()
  })
})
