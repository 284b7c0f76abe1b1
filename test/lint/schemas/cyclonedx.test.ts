import { describe, expect, it } from 'vitest'
import { validateDocument } from '../../../src/lib/lint/schemas/index.ts'
import { mutated, seeded } from '../../support/mutations.ts'
import { officialCycloneDx } from '../../support/official-schemas.ts'

const VERSIONS = ['1.4', '1.5', '1.6', '1.7']

/** Written by hand from the specification, with something of everything that lockfiles lead to. */
function document(version: string): Record<string, unknown> {
  return {
    bomFormat: 'CycloneDX',
    specVersion: version,
    serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
    version: 1,
    metadata: {
      timestamp: '2026-01-31T12:00:00Z',
      authors: [{ name: 'A', email: 'a@example.com' }],
      component: { type: 'application', name: 'app', version: '1', 'bom-ref': 'app', purl: 'pkg:npm/app@1' },
      supplier: { name: 'S', url: ['https://example.com'] },
      properties: [{ name: 'n', value: 'v' }],
    },
    components: [
      {
        type: 'library',
        'bom-ref': 'a',
        name: 'a',
        version: '1.0.0',
        scope: 'required',
        hashes: [{ alg: 'SHA-256', content: 'a'.repeat(64) }],
        licenses: [{ license: { id: 'MIT' } }, { license: { name: 'Own', url: 'https://example.com/l' } }],
        purl: 'pkg:npm/a@1.0.0',
        externalReferences: [{ type: 'vcs', url: 'git+https://example.com/a.git#main' }],
        components: [{ type: 'file', name: 'f', 'bom-ref': 'f' }],
      },
      { type: 'framework', 'bom-ref': 'b', name: 'b', licenses: [{ expression: 'MIT OR Apache-2.0' }] },
    ],
    dependencies: [
      { ref: 'app', dependsOn: ['a', 'b'] },
      { ref: 'a', dependsOn: [] },
    ],
    compositions: [{ aggregate: 'complete', assemblies: ['app'], dependencies: ['app'] }],
  }
}

const VALUES = [
  '',
  'text',
  1,
  -1,
  0.5,
  true,
  null,
  [],
  {},
  ['a', 'a'],
  ['a', 'b'],
  'library',
  'machine-learning-model',
  'required',
  'SHA-999',
  'SHA-512',
  'a'.repeat(64),
  'a'.repeat(63),
  'MIT',
  'Not-A-License',
  'complete',
  'distribution-intake',
  '2026-01-31T12:00:00.5+01:00',
  '2026-02-31T12:00:00Z',
  { license: { id: 'MIT' } },
  { expression: 'MIT' },
  { license: { id: 'MIT', name: 'both' } },
  { type: 'library', name: 'x' },
  { type: 'library', name: 'x', version: '1', manufacturer: { name: 'M' } },
  { ref: 'a', provides: ['b'] },
  { phase: 'build' },
  [{ phase: 'build' }],
]

async function isValid(json: unknown, version: string): Promise<boolean> {
  return (await validateDocument(json, 'cyclonedx', version))?.length === 0
}

describe.each(VERSIONS)('the schema of CycloneDX %s', (version) => {
  const official = officialCycloneDx(version)

  it.skipIf(official === undefined)('accepts what the official one accepts', async () => {
    const valid = document(version)
    expect(official?.(valid)).toBe(true)
    expect(await validateDocument(valid, 'cyclonedx', version)).toEqual([])
  })

  it.skipIf(official === undefined)('agrees with the official one on 400 changed documents', async () => {
    const next = seeded(Number(version) * 100)
    let invalid = 0
    for (let round = 0; round < 400; round += 1) {
      const changed = mutated(document(version), VALUES, next)
      const expected = official?.(changed) === true
      if (!expected) invalid += 1
      if ((await isValid(changed, version)) !== expected)
        expect.fail(`round ${round}: the official schema says ${expected}: ${JSON.stringify(changed)}`)
    }
    expect(invalid).toBeGreaterThan(80)
    expect(invalid).toBeLessThan(390)
  })
})

describe('the schema of CycloneDX', () => {
  it('says where what is wrong, once', async () => {
    const broken = document('1.6')
    broken.components = [
      { type: 'libary', name: 'a', licenses: [{ license: { id: 'MTI' } }] },
      { type: 'library', naem: 'b' },
    ]
    expect(await validateDocument(broken, 'cyclonedx', '1.6')).toEqual([
      { pointer: '/components/0/type', message: 'has a value that the format does not know' },
      { pointer: '/components/1', message: 'has no name' },
      { pointer: '/components/1', message: 'has a field that the format does not know: "naem"' },
      {
        pointer: '/components/0/licenses/0/license/id',
        message: 'has a value that the format does not know',
      },
    ])
  })

  it.each(['1.2', '1.3'])('of %s is there, too', async (version) => {
    const old = {
      bomFormat: 'CycloneDX',
      specVersion: version,
      version: 1,
      components: [{ type: 'library', name: 'a', version: '1' }],
    }
    expect(await validateDocument(old, 'cyclonedx', version)).toEqual([])
    // A version is demanded up to 1.3.
    const missing = { ...old, components: [{ type: 'library', name: 'a' }] }
    expect(await validateDocument(missing, 'cyclonedx', version)).toEqual([
      { pointer: '/components/0', message: 'has no version' },
    ])
  })

  it('judges a hundred thousand components in seconds, though none may be there twice', {
    timeout: 30_000,
  }, async () => {
    const components = Array.from({ length: 100_000 }, (_, index) => ({ type: 'library', name: `n${index}` }))
    const large = { ...document('1.6'), components }
    expect(await isValid(large, '1.6')).toBe(true)
    components.push({ name: 'n7', type: 'library' })
    expect(await validateDocument(large, 'cyclonedx', '1.6')).toEqual([
      { pointer: '/components', message: 'must not have the same item twice' },
    ])
  })
})
