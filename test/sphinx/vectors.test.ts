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

  const FILES = [
    ['sphinx_vectors.json', sphinxSuite],
    ['sphinx_commands_vectors.json', sphinxSuite],
    ['wire_commands_vectors.json', sphinxSuite],
    ['kemsphinx_vectors.json', kemSphinxSuite],
    ['adapter_test_vectors.json', kemSphinxSuite],
  ] as const

  test.each(FILES)('of %s fail with any of its values changed by a bit', async (name, suite) => {
    const path = conformancePath('mix', 'katzenpost', name) as string
    const content = readFileSync(path, 'utf8')
    // A digit in the middle: the first and the last byte of scalars have bits on which nothing depends.
    const values = [...content.matchAll(/(\w+)": ?"([0-9a-f]{8,})"|^ +"([0-9a-f]{8,})"/gm)]
    expect(values.length).toBeGreaterThan(2)
    for (const value of values) {
      const hex = (value[2] ?? value[3]) as string
      const at = value.index + value[0].indexOf(hex) + (hex.length >> 1)
      const digit = (Number.parseInt(content[at] as string, 16) ^ 1).toString(16)
      const { failed } = await suite.run({
        path,
        content: content.slice(0, at) + digit + content.slice(at + 1),
      })
      expect(failed, `${value[1] ?? 'an entry'} at ${at}`).toBeGreaterThan(0)
    }
  })
})

describe.each([sphinxSuite, kemSphinxSuite])('the suite $name', (suite) => {
  test.each(['', 'null', '{}', '[]', '3', '{"vectors":3}', '{"__proto__":[]}'])(
    'reports %s as one failure',
    async (content) => {
      expect(await suite.run({ path: 'file', content })).toMatchObject({ passed: 0, failed: 1 })
    },
  )

  test.each(['[3]', '[{}]', '[{"Nodes":[]}]', '[{"Nodes":[{"PrivateKey":"00"}],"Path":[{}]}]'])(
    'reports every check of %s as failed',
    async (content) => {
      expect(await suite.run({ path: 'file', content })).toMatchObject({ passed: 0, failed: 2 })
    },
  )
})
