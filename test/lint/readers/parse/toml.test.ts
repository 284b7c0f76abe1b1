import { expect, it } from 'vitest'
import { parseToml } from '../../../../src/lib/lint/readers/parse/toml.ts'

it('reads dotted keys and values with many dots', () => {
  const parts = Array.from({ length: 150 }, (_, n) => `p${n}`).join('.')
  expect(parseToml(`tool.uv."a.b".c = "1.2.3"`)).toEqual({ tool: { uv: { 'a.b': { c: '1.2.3' } } } })
  expect(parseToml(`[${parts}]\nversion = "1.2.3"`)).toHaveProperty(`${parts}.version`, '1.2.3')
  const versions = Array.from({ length: 2000 }, () => '"1.2.3"').join(', ')
  expect(parseToml(`versions = [${versions}]`)).toHaveProperty('versions.length', 2000)
})

it('refuses a key of a million parts before it makes tables of them', () => {
  const text = `name = "x"\n${'1.'.repeat(1_000_000)}1 = 1\n`
  const started = process.memoryUsage().heapUsed
  expect(() => parseToml(text)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('too many parts'),
      line: 2,
    }),
  )
  expect(process.memoryUsage().heapUsed - started).toBeLessThan(50 * 1024 * 1024)
})
