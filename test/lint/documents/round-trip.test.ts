import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Component } from '../../../src/lib/lint/bom/index.ts'
import { BOM_FORMATS, readBom, writeBom } from '../../../src/lib/lint/documents/index.ts'
import { bom } from './random-bom.ts'
import { comparable, SAMPLE } from './sample-bom.ts'
import { schemaErrors } from './schemas.ts'

describe.each(BOM_FORMATS)('a document in %s', (format) => {
  test('gives back everything that was written, without a defect', async () => {
    const { bom: back, defects } = await readBom(await writeBom(SAMPLE, format))
    expect(defects).toEqual([])
    expect(comparable(back)).toEqual(comparable(SAMPLE))
  })

  test('is valid by the official schema', async () => {
    expect(schemaErrors(format, await writeBom(SAMPLE, format)) ?? []).toEqual([])
  })

  test('is valid and gives everything back whatever the texts in it are', async () => {
    await fc.assert(
      fc.asyncProperty(bom, async (given) => {
        const text = await writeBom(given, format)
        expect(schemaErrors(format, text) ?? []).toEqual([])
        const { bom: back } = await readBom(text)
        expect(comparable(back)).toEqual(comparable(given))
      }),
      { numRuns: 150 },
    )
  })

  test('has the same bytes when it is read and written again', async () => {
    const text = await writeBom(SAMPLE, format)
    expect(await writeBom((await readBom(text)).bom, format)).toBe(text)
  })
})

test('the hash of an archive does not stand beside the address of a repository', async () => {
  const [top, archive] = SAMPLE.components
  const component = {
    ...(archive as Component),
    downloadUrl: undefined,
    source: { url: 'https://example.com/a/b', revision: undefined },
    hashes: [{ algorithm: 'sha256' as const, value: 'ab'.repeat(32) }],
  }
  const text = await writeBom({ ...SAMPLE, components: [top as Component, component] }, 'spdx-json')
  const { packages } = JSON.parse(text) as {
    packages: { name: string; downloadLocation: string; externalRefs: object[] }[]
  }
  const written = packages.find(({ name }) => name === component.name)
  expect(written?.downloadLocation).toBe('NOASSERTION')
  expect(written?.externalRefs).toContainEqual(expect.objectContaining({ referenceType: 'vcs' }))
})
