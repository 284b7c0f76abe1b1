import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
