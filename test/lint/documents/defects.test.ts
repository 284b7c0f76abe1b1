/** What is wrong with a document is told with its place, and the rest is read. */
import { describe, expect, test } from 'vitest'
import { readBom } from '../../../src/lib/lint/documents/index.ts'

const CYCLONEDX = `{
  "bomFormat": "CycloneDX",
  "specVersion": "1.6",
  "metadata": { "timestamp": "yesterday" },
  "components": [
    { "type": "library", "bom-ref": "a", "name": "a", "purl": "pkg:npm/a@1" },
    { "type": "library", "bom-ref": "a", "name": "again" },
    { "type": "library", "bom-ref": "b", "name": "b", "purl": "pkg:npm/a@1" },
    { "type": "sandwich", "bom-ref": "c", "name": "c", "purl": "npm:c" },
    {
      "type": "library",
      "name": "d",
      "hashes": [{ "alg": "SHA-256", "content": "abc" }, { "alg": "CRC", "content": "00" }]
    }
  ],
  "dependencies": [
    { "ref": "a", "dependsOn": ["b",
        "nobody"] },
    { "ref": "nowhere" },
    { "dependsOn": [] }
  ],
  "compositions": [{ "aggregate": "complete", "assemblies": ["x"], "dependencies": ["y", "urn:cdx:z/1#k"] }]
}
`

const TAG_VALUE = `SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: x
DocumentNamespace: https://example.com/x
Creator: Person: Jane
Created: 2026-01-01T00:00:00.5Z
what is this
Colour: green
LicenseName: too early

PackageName: a
SPDXID: SPDXRef-a
PackageDownloadLocation: NOASSERTION
PackageChecksum: SHA256: 12
PrimaryPackagePurpose: SANDWICH

PackageName: b
SPDXID: SPDXRef-a
PackageDownloadLocation: NOASSERTION

PackageName: c
PackageDownloadLocation: NOASSERTION

Relationship: SPDXRef-a DEPENDS_ON SPDXRef-gone
Relationship: SPDXRef-a DEPENDS_ON DocumentRef-other:SPDXRef-gone
Relationship: SPDXRef-a
`

async function told(text: string): Promise<readonly (readonly [string, number | undefined])[]> {
  const { defects } = await readBom(text)
  return defects.map(({ kind, line }) => [kind, line] as const).sort(([, a = 0], [, b = 0]) => a - b)
}

describe('defects', () => {
  test('of CycloneDX', async () => {
    expect(await told(CYCLONEDX)).toEqual([
      ['bad-value', 4],
      ['duplicate-identifier', 7],
      ['duplicate-component', 8],
      ['bad-value', 9],
      ['bad-purl', 9],
      ['bad-hash', 10],
      ['bad-hash', 10],
      ['dangling-reference', 17],
      ['dangling-reference', 19],
      ['bad-value', 20],
      ['dangling-reference', 22],
      ['dangling-reference', 22],
    ])
    const { bom, defects } = await readBom(CYCLONEDX)
    expect(bom.components.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c', 'd'])
    expect(bom.dependencies.get('a')?.on).toEqual(['b'])
    expect(defects.find(({ message }) => message.includes('nobody'))?.pointer).toBe('/dependencies/0')
  })

  test('of tag-value', async () => {
    expect(await told(TAG_VALUE)).toEqual([
      ['bad-value', 7],
      ['bad-value', 8],
      ['unknown-field', 9],
      ['bad-value', 10],
      ['bad-hash', 12],
      ['bad-value', 12],
      ['duplicate-identifier', 18],
      ['bad-value', 22],
      ['dangling-reference', 25],
      ['bad-value', 27],
    ])
  })

  test('of SPDX 3', async () => {
    const graph = [
      { type: 'CreationInfo', '@id': '_:c', specVersion: '3.0.1', created: '2026-01-01T00:00:00Z' },
      {
        type: 'software_Package',
        spdxId: 'urn:x:a',
        name: 'a',
        software_packageUrl: 'nothing',
        verifiedUsing: [{ type: 'Hash', algorithm: 'sha256', hashValue: 'xyz' }],
      },
      { type: 'software_Package', spdxId: 'urn:x:a', name: 'twin' },
      {
        type: 'Relationship',
        spdxId: 'urn:x:r',
        from: 'urn:x:a',
        to: ['urn:x:gone', 'NoneElement'],
        relationshipType: 'dependsOn',
      },
    ]
    const context = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld'
    const { defects } = await readBom(JSON.stringify({ '@context': context, '@graph': graph }))
    expect(defects.map(({ kind, pointer }) => [kind, pointer])).toEqual([
      ['duplicate-identifier', '/@graph/2'],
      ['bad-hash', '/@graph/1'],
      ['bad-purl', '/@graph/1'],
      ['dangling-reference', '/@graph/3'],
    ])
  })

  test('are no more than a report can hold', async () => {
    const dependencies = Array.from({ length: 30_000 }, (_, at) => ({ ref: `gone-${at}` }))
    const { defects } = await readBom(
      JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.6', dependencies }),
    )
    expect(defects).toHaveLength(10_000)
  })
})
