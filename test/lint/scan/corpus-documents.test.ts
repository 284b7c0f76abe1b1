import { describe, expect, it } from 'vitest'
import type { Bom } from '../../../src/lib/lint/bom/index.ts'
import { diffBoms } from '../../../src/lib/lint/diff/index.ts'
import { BOM_FORMATS, readBom, writeBom } from '../../../src/lib/lint/documents/index.ts'
import { MemoryFiles, READERS } from '../../../src/lib/lint/readers/index.ts'
import { assemble } from '../../../src/lib/lint/scan/assemble.ts'
import { corpusFiles, usualName } from '../../support/lint-fuzz/corpus.ts'
import { schemaErrors } from '../documents/schemas.ts'

/** All of it. */
const MAX_BYTES = 10_000_000

const INPUTS = corpusFiles('lockfiles', MAX_BYTES).flatMap(({ path, text }) => {
  const name = usualName(path)
  const entry = READERS.find(({ claims }) => claims(name))
  return entry === undefined ? [] : [{ path, name, text, entry }]
})

async function inventory({ name, text, entry }: (typeof INPUTS)[number]): Promise<Bom> {
  const reader = await entry.load()
  return assemble(
    reader.read(name, new MemoryFiles({ [name]: text })).projects,
    {},
    {
      name: 'corpus',
      created: '2023-11-14T22:13:20Z',
      authors: [],
      tools: [{ name: 'aiv', version: '0' }],
      lifecycles: ['pre-build'],
      dataLicense: 'CC0-1.0',
    },
  )
}

describe.each(BOM_FORMATS)('every lockfile of the corpus as %s', (format) => {
  it('is valid by the official schema, and has lost nothing when it is read again', async () => {
    const wrong: string[] = []
    for (const input of INPUTS) {
      const bom = await inventory(input)
      const text = await writeBom(bom, format)
      for (const error of schemaErrors(format, text) ?? []) wrong.push(`${input.path}: ${error}`)
      const { bom: back, defects } = await readBom(text)
      for (const { message } of defects) wrong.push(`${input.path}: ${message}`)
      const { added, removed, changed } = diffBoms(bom, back)
      for (const component of [...added, ...removed]) wrong.push(`${input.path}: ${component.ref}`)
      for (const { before, changes } of changed)
        for (const { field } of changes) wrong.push(`${input.path}: ${field} of ${before.ref}`)
    }
    expect(wrong).toEqual([])
  }, 120_000)
})

it('most files of the corpus are lockfiles', () => {
  if (INPUTS.length > 0) expect(INPUTS.length).toBeGreaterThan(220)
})
