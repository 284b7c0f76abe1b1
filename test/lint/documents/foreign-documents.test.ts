/** Documents of other tools and of the specifications. */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Bom } from '../../../src/lib/lint/bom/index.ts'
import { readBom } from '../../../src/lib/lint/documents/index.ts'
import { REPOSITORY, temporaryFolder } from '../../support/aiv.ts'
import { conformancePath } from '../../support/conformance.ts'
import { judge } from '../../support/judge.ts'
import { comparable } from './sample-bom.ts'

describe('the example of the SPDX 2.3 specification', () => {
  async function example(name: string): Promise<Awaited<ReturnType<typeof readBom>> | undefined> {
    const path = conformancePath('lint', 'examples', name)
    return path === undefined ? undefined : await readBom(readFileSync(path, 'utf8'))
  }

  test('says the same in JSON and in tag-value', async () => {
    const json = await example('SPDXJSONExample-v2.3.spdx.json')
    const tags = await example('SPDXTagExample-v2.3.spdx')
    if (json === undefined || tags === undefined) return
    expect(comparable(tags.bom)).toEqual(comparable(json.bom))
    expect([tags.defects, json.defects]).toEqual([[], []])
    expect([tags.facts.encoding, json.facts.encoding]).toEqual(['tag-value', 'json'])
  })

  test('says of glibc what stands in its text', async () => {
    const read = await example('SPDXTagExample-v2.3.spdx')
    if (read === undefined) return
    expect(read.bom.primary).toBe('SPDXRef-Package')
    const glibc = read.bom.components.find(({ name }) => name === 'glibc')
    expect(glibc).toMatchObject({
      version: '2.11.1',
      supplier: { kind: 'person', name: 'Jane Doe', email: 'jane.doe@example.com' },
      author: { kind: 'organization', name: 'ExampleCodeInspect', email: 'contact@example.com' },
      homepage: 'http://ftp.gnu.org/gnu/glibc',
      copyright: 'Copyright 2008-2010 John Smith',
      licenses: {
        declared: '(LGPL-2.0-only AND LicenseRef-3)',
        concluded: '(LGPL-2.0-only OR LicenseRef-3)',
      },
      cpes: ['cpe:2.3:a:pivotal_software:spring_framework:4.1.0:*:*:*:*:*:*:*'],
    })
    expect(glibc?.hashes?.map(({ algorithm }) => algorithm)).toEqual(['md5', 'sha1', 'sha256', 'blake2b-384'])
    expect(read.bom.dependencies.get('SPDXRef-Package')?.on).toEqual(['SPDXRef-Saxon'])
    expect(read.bom.extractedLicenses.map(({ id }) => id)).toEqual([
      'LicenseRef-1',
      'LicenseRef-2',
      'LicenseRef-3',
      'LicenseRef-4',
      'LicenseRef-Beerware-4.2',
    ])
  })
})

test('what npm writes as SPDX and as CycloneDX of one lockfile is read as the same', async () => {
  const npm = judge('npm')
  if (npm === undefined) return
  // In CycloneDX npm takes the name of the folder for that of the project.
  const cwd = join(temporaryFolder(), 'aivillage')
  mkdirSync(cwd)
  for (const name of ['package.json', 'package-lock.json'])
    copyFileSync(join(REPOSITORY, name), join(cwd, name))
  const [spdx, cdx] = await Promise.all(
    ['spdx', 'cyclonedx'].map(async (format) => {
      const args = ['sbom', '--package-lock-only', '--offline', '--sbom-format', format]
      return (await readBom(execFileSync(npm, args, { cwd, encoding: 'utf8', stdio: 'pipe' }))).bom
    }),
  )
  expect(inventory(spdx as Bom)).toEqual(inventory(cdx as Bom))
  expect(spdx?.components.length).toBeGreaterThan(200)
  expect(inDevelopment(spdx as Bom)).toEqual(inDevelopment(cdx as Bom))
  expect(inDevelopment(spdx as Bom).length).toBeGreaterThan(50)
})

function inventory({ components, dependencies }: Bom): unknown {
  return components.map(({ ref, purl, name, version, hashes, licenses }) => ({
    ...{ purl, name, version, hashes, licenses },
    needs: dependencies.get(ref)?.on ?? [],
  }))
}

function inDevelopment({ components }: Bom): readonly string[] {
  return components.filter(({ scope }) => scope === 'dev').map(({ ref }) => ref)
}

describe('CycloneDX of older versions', () => {
  test('1.4: tools are a list, the author a text, components hold others', async () => {
    const { bom, facts, defects } = await readBom(
      JSON.stringify({
        bomFormat: 'CycloneDX',
        specVersion: '1.4',
        serialNumber: 'urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79',
        metadata: {
          timestamp: '2022-01-02T03:04:05.678+01:00',
          tools: [{ vendor: 'maker', name: 'tool', version: '1' }],
          manufacture: { name: 'Builder' },
          component: { type: 'application', name: 'app', 'bom-ref': 'app' },
        },
        components: [
          {
            type: 'library',
            'bom-ref': 'outer',
            group: 'org.example',
            name: 'outer',
            version: '1',
            author: 'Somebody',
            purl: 'pkg:maven/org.example/outer@1',
            scope: 'excluded',
            licenses: [{ license: { id: 'MIT' } }, { expression: 'A OR B' }],
            hashes: [{ alg: 'SHA-256', content: 'AB'.repeat(32) }],
            components: [{ type: 'machine-learning-model', name: 'inner', 'bom-ref': 'inner' }],
          },
        ],
        dependencies: [{ ref: 'app', dependsOn: ['outer', 'inner'] }],
      }),
    )
    expect(defects).toEqual([])
    expect(facts).toMatchObject({ family: 'cyclonedx', version: '1.4', complete: false })
    expect(bom.document).toMatchObject({
      name: 'app',
      created: '2022-01-02T02:04:05Z',
      authors: [{ kind: 'organization', name: 'Builder' }],
      tools: [{ name: 'tool', version: '1', vendor: 'maker' }],
    })
    expect(bom.components).toEqual([
      { ref: 'app', type: 'application', name: 'app', origin: 'document', scope: 'required' },
      { ref: 'inner', type: 'library', name: 'inner', origin: 'document', scope: 'required' },
      {
        ref: 'pkg:maven/org.example/outer@1',
        type: 'library',
        name: 'org.example:outer',
        version: '1',
        purl: 'pkg:maven/org.example/outer@1',
        origin: 'document',
        scope: 'dev',
        hashes: [{ algorithm: 'sha256', value: 'ab'.repeat(32) }],
        author: { kind: 'person', name: 'Somebody' },
        licenses: { declared: 'MIT AND (A OR B)' },
      },
    ])
    expect(bom.dependencies.get('app')).toEqual({
      on: ['inner', 'pkg:maven/org.example/outer@1'],
      completeness: 'unknown',
    })
  })

  test('compositions say what is complete', async () => {
    const { bom, facts } = await readBom(
      JSON.stringify({
        bomFormat: 'CycloneDX',
        specVersion: '1.5',
        components: ['a', 'b', 'c'].map((name) => ({ type: 'library', name, 'bom-ref': name })),
        dependencies: [{ ref: 'a', dependsOn: ['b'] }],
        compositions: [
          { aggregate: 'complete', dependencies: ['a'] },
          { aggregate: 'incomplete_first_party_only', dependencies: ['b'] },
        ],
      }),
    )
    expect(facts.complete).toBe(false)
    expect([...bom.dependencies]).toEqual([
      ['a', { on: ['b'], completeness: 'complete' }],
      ['b', { on: [], completeness: 'incomplete' }],
    ])
  })
})

describe('SPDX 3 of other tools', () => {
  const context = 'https://spdx.org/rdf/3.0.1/spdx-context.jsonld'
  const info = { type: 'CreationInfo', '@id': '_:c', specVersion: '3.0.1', created: '2026-01-01T00:00:00Z' }
  const element = (type: string, id: string, rest: object): object => ({
    ...{ type, spdxId: `urn:x:${id}`, creationInfo: '_:c' },
    ...rest,
  })

  test('licenses may be sets, listed by address, or stand in the place of their names', async () => {
    const { bom, defects } = await readBom(
      JSON.stringify({
        '@context': context,
        '@graph': [
          info,
          element('SpdxDocument', 'doc', { rootElement: ['urn:x:sbom'] }),
          element('software_Sbom', 'sbom', { rootElement: ['urn:x:a'], software_sbomType: ['build'] }),
          element('software_Package', 'a', { name: 'a', software_packageUrl: 'pkg:npm/a@1' }),
          element('software_Package', 'b', { name: 'b', software_primaryPurpose: 'firmware' }),
          element('software_Package', 'c', { name: 'c' }),
          element('LifecycleScopedRelationship', 'r1', {
            ...{ from: 'urn:x:a', to: ['urn:x:b'], relationshipType: 'dependsOn', scope: 'test' },
          }),
          element('Relationship', 'r2', { from: 'urn:x:b', to: ['urn:x:c'], relationshipType: 'dependsOn' }),
          element('Relationship', 'r3', {
            from: 'urn:x:a',
            relationshipType: 'hasDeclaredLicense',
            to: [
              element('expandedlicensing_DisjunctiveLicenseSet', 'set', {
                expandedlicensing_member: ['https://spdx.org/licenses/MIT', 'urn:x:with'],
              }),
            ],
          }),
          element('expandedlicensing_WithAdditionOperator', 'with', {
            expandedlicensing_subjectExtendableLicense: 'https://spdx.org/licenses/GPL-2.0-only',
            expandedlicensing_subjectAddition: element('expandedlicensing_ListedLicenseException', 'e', {
              name: 'Classpath-exception-2.0',
            }),
          }),
        ],
      }),
    )
    expect(defects).toEqual([])
    expect(bom.primary).toBe('pkg:npm/a@1')
    expect(bom.document.lifecycles).toEqual(['build'])
    expect(bom.components.map(({ name, scope, type }) => [name, scope, type])).toEqual([
      ['a', 'required', 'library'],
      ['b', 'dev', 'firmware'],
      ['c', 'dev', 'library'],
    ])
    expect(bom.components[0]?.licenses?.declared).toBe('MIT OR GPL-2.0-only WITH Classpath-exception-2.0')
  })

  test('a set of licenses that holds itself ends', async () => {
    const members = Array.from({ length: 100 }, () => 'urn:x:set')
    const { bom } = await readBom(
      JSON.stringify({
        '@context': context,
        '@graph': [
          info,
          element('software_Package', 'a', { name: 'a' }),
          element('expandedlicensing_ConjunctiveLicenseSet', 'set', { expandedlicensing_member: members }),
          element('Relationship', 'r', {
            ...{ from: 'urn:x:a', to: ['urn:x:set'], relationshipType: 'hasDeclaredLicense' },
          }),
        ],
      }),
    )
    expect(bom.components[0]?.licenses).toBeUndefined()
  })
})
