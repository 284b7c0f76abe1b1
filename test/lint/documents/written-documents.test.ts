/** What written documents hold, apart from what the round trip shows. */
import { describe, expect, test } from 'vitest'
import type { Bom } from '../../../src/lib/lint/bom/index.ts'
import { BOM_FORMATS, readBom, writeBom } from '../../../src/lib/lint/documents/index.ts'
import { CLI, LODASH, SAMPLE } from './sample-bom.ts'

/** The name that each format gives to one document. */
function nameIn(text: string): string {
  const [, name = ''] =
    /"serialNumber": "([^"]+)"|"documentNamespace": "([^"]+)"|^DocumentNamespace: (.*)$|"spdxId": "([^"]+)#document"/m
      .exec(text)
      ?.filter((part) => part !== undefined) ?? []
  return name
}

describe.each(BOM_FORMATS)('a document in %s', (format) => {
  test('has a name that follows from everything in it, the time among it', async () => {
    const name = nameIn(await writeBom(SAMPLE, format))
    expect(name).toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(nameIn(await writeBom(SAMPLE, format))).toBe(name)
    const later = { ...SAMPLE, document: { ...SAMPLE.document, created: '2026-11-20T10:00:01Z' } }
    expect(nameIn(await writeBom(later, format))).not.toBe(name)
    const other = { ...SAMPLE, components: SAMPLE.components.map((each) => ({ ...each, version: '9' })) }
    expect(nameIn(await writeBom(other, format))).not.toBe(name)
  })

  test('holds no password of any address', async () => {
    const secret = 'https://user:hunter2@example.com/x'
    const party = { kind: 'organization', name: 'x', url: secret } as const
    const leaky: Bom = {
      ...SAMPLE,
      document: { ...SAMPLE.document, supplier: party, authors: [party] },
      components: SAMPLE.components.map((each) => ({
        ...each,
        downloadUrl: secret,
        homepage: secret,
        source: { url: `git+${secret}` },
        supplier: party,
        author: party,
      })),
    }
    expect(await writeBom(leaky, format)).not.toContain('hunter2')
  })

  test('without a time is no older than it says', async () => {
    const { created: _, ...document } = SAMPLE.document
    const { bom } = await readBom(await writeBom({ ...SAMPLE, document }, format))
    expect(bom.document.created).toBeUndefined()
  })

  test('ends with one line end', async () => {
    expect(await writeBom(SAMPLE, format)).toMatch(/[^\n]\n$/)
  })
})

describe('SPDX 2.3', () => {
  test('takes a repository for the place of a download only where that was downloaded', async () => {
    const library = { type: 'library', scope: 'required', name: 'a', version: '1.0.0' } as const
    const url = 'https://git.example/a.git'
    const written = await writeBom(
      {
        ...SAMPLE,
        components: [
          { ...library, ref: 'archive', origin: 'registry', source: { url } },
          { ...library, ref: 'checkout', origin: 'git', source: { url, revision: 'abc' } },
        ],
        dependencies: new Map(),
        primary: 'archive',
      },
      'spdx-json',
    )
    const { packages } = JSON.parse(written) as {
      packages: { downloadLocation: string; externalRefs?: { referenceLocator: string }[] }[]
    }
    expect(
      packages.map(({ downloadLocation, externalRefs = [] }) => [
        downloadLocation,
        externalRefs.map(({ referenceLocator }) => referenceLocator),
      ]),
    ).toEqual([
      ['NOASSERTION', [`git+${url}`]],
      [`git+${url}@abc`, []],
    ])
  })

  test('writes that a copyright is not known as the word for it, not as a notice', async () => {
    const text = await writeBom(SAMPLE, 'spdx-tv')
    expect(text).toMatch(/^PackageCopyrightText: NOASSERTION$/m)
    expect(text).toMatch(/^PackageCopyrightText: <text>Copyright 2026 Acme<\/text>$/m)
    expect(text).not.toContain('<text>NOASSERTION')
  })

  test('tells identifiers apart that differ in signs only', async () => {
    const components = ['a-b', 'a_b', 'ab', 'a.b', 'a+b'].map((name) => ({
      ...({ ref: `path:${name}`, type: 'library', name, origin: 'path', scope: 'required' } as const),
    }))
    const json = JSON.parse(
      await writeBom({ ...SAMPLE, primary: undefined, components, dependencies: new Map() }, 'spdx-json'),
    ) as { packages: { SPDXID: string }[] }
    const ids = json.packages.map(({ SPDXID }) => SPDXID)
    expect(new Set(ids).size).toBe(5)
    for (const id of ids) expect(id).toMatch(/^SPDXRef-[A-Za-z0-9.-]+$/)
  })

  test('says scopes to the primary component beside the edges', async () => {
    const text = await writeBom(SAMPLE, 'spdx-tv')
    const id = (name: string): string =>
      new RegExp(`^PackageName: ${name}\\nSPDXID: (.*)$`, 'm').exec(text)?.[1] as string
    expect(text).toContain(`\nRelationship: SPDXRef-DOCUMENT DESCRIBES ${id('shop')}\n`)
    expect(text).toContain(`\nRelationship: ${id('shop')} DEPENDS_ON ${id('@acme/cli')}\n`)
    expect(text).toContain(`\nRelationship: ${id('@acme/cli')} DEV_DEPENDENCY_OF ${id('shop')}\n`)
    expect(text).toContain(`\nRelationship: ${id('lodash')} DEPENDS_ON NONE\n`)
  })

  test('has a name where the document it was made of had none', async () => {
    const text = await writeBom({ ...SAMPLE, document: { ...SAMPLE.document, name: '' } }, 'spdx-tv')
    expect(text).toMatch(/^DocumentName: \S/m)
    expect((await readBom(text)).bom.document.name).toBe('')
  })

  test('gives every LicenseRef its text', async () => {
    const text = await writeBom(SAMPLE, 'spdx-tv')
    const used = new Set(text.match(/(?<=^PackageLicenseDeclared: )LicenseRef-.*$/gm))
    const given = new Set(text.match(/(?<=^LicenseID: )LicenseRef-.*$/gm))
    expect(used.size).toBe(2)
    expect([...used].filter((id) => !given.has(id))).toEqual([])
  })

  test('a text cannot write tags of its own', async () => {
    const description = '</text>\nPackageName: evil\n<text>'
    const components = SAMPLE.components.map((each) => ({ ...each, description, copyright: description }))
    const text = await writeBom({ ...SAMPLE, components }, 'spdx-tv')
    expect((await readBom(text)).bom.components.map(({ name }) => name)).not.toContain('evil')
    // By the grammar of the encoding, apart from our reader.
    const outside = text.replace(/<text>[\s\S]*?<\/text>/g, '')
    expect(outside.match(/^PackageName: evil$/m)).toBeNull()
  })
})

describe('CycloneDX', () => {
  test('is believed where another tool has changed a field that an extra stood beside', async () => {
    const json = JSON.parse(await writeBom(SAMPLE, 'cdx-json')) as {
      components: { purl: string; supplier: { name: string } }[]
    }
    const cli = json.components.find(({ purl }) => purl === CLI)
    if (cli !== undefined) cli.supplier.name = 'Bob'
    const supplierIn = async (text: string): Promise<unknown> =>
      (await readBom(text)).bom.components.find(({ ref }) => ref === CLI)?.supplier
    // CycloneDX knows organizations as suppliers only: that this one is a person is an extra.
    expect(await supplierIn(await writeBom(SAMPLE, 'cdx-json'))).toMatchObject({ kind: 'person' })
    expect(await supplierIn(JSON.stringify(json))).toMatchObject({ kind: 'organization', name: 'Bob' })
  })

  test('says for each component whether its dependencies are all there', async () => {
    const json = JSON.parse(await writeBom(SAMPLE, 'cdx-json')) as {
      compositions: unknown
      dependencies: unknown
    }
    expect(json.compositions).toEqual([
      { aggregate: 'complete', dependencies: ['path:.', LODASH] },
      { aggregate: 'incomplete', dependencies: [CLI] },
      { aggregate: 'unknown', dependencies: ['pkg:maven/com.google.guava/guava@33.0'] },
    ])
    expect(json.dependencies).toContainEqual({ ref: LODASH, dependsOn: [] })
    expect(json.dependencies).not.toContainEqual(
      expect.objectContaining({ ref: expect.stringContaining('guava') }),
    )
  })

  test('calls itself complete as a whole only when everything is', async () => {
    const all = new Map(
      SAMPLE.components.map(({ ref }) => [ref, { on: [], completeness: 'complete' } as const]),
    )
    const { facts } = await readBom(await writeBom({ ...SAMPLE, dependencies: all }, 'cdx-json'))
    expect(facts.complete).toBe(true)
    expect((await readBom(await writeBom(SAMPLE, 'cdx-json'))).facts.complete).toBe(false)
  })
})
