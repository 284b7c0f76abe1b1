import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { VectorSuite } from '../../src/lib/core/index.ts'
import { kemSphinxSuite, sphinxSuite } from '../../src/lib/sphinx/vectors/index.ts'
import { conformancePath } from '../support/conformance.ts'

async function replay(suite: VectorSuite, name: string, change = (text: string): string => text) {
  const path = conformancePath('mix', 'katzenpost', name) as string
  return await suite.run({ path, content: change(readFileSync(path, 'utf8')) })
}

const isAbsent = conformancePath('mix') === undefined

describe.skipIf(isAbsent)('published Sphinx vectors', () => {
  test.each([
    ['sphinx_vectors.json', sphinxSuite, 12],
    ['sphinx_commands_vectors.json', sphinxSuite, 1],
    ['wire_commands_vectors.json', sphinxSuite, 7],
    ['kemsphinx_vectors.json', kemSphinxSuite, 2],
    ['adapter_test_vectors.json', kemSphinxSuite, 4],
  ] as const)('of %s hold, every one', async (name, suite, count) => {
    const result = await replay(suite, name)
    expect(result.failures).toEqual([])
    expect(result).toMatchObject({ passed: count, failed: 0, skipped: 0 })
  })
})
