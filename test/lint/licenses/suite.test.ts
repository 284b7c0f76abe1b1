import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { spdxExpressionSuite } from '../../../src/lib/lint/licenses/vectors.ts'
import { REPOSITORY } from '../../support/aiv.ts'

const FILES = [
  ['packaging.json', 89],
  ['jslicense.json', 17],
  ['satisfies.json', 22],
] as const

describe('expressions that others test with', () => {
  it.each(FILES)('%s: all %i hold', async (name, count) => {
    const content = readFileSync(join(REPOSITORY, 'fixtures', 'spdx-expressions', name), 'utf8')
    const result = await spdxExpressionSuite.run({ path: name, content })
    expect(result).toMatchObject({ passed: count, failed: 0, skipped: 0, failures: [] })
  })

  it('fail the suite where they are wrong', async () => {
    const content = JSON.stringify({
      valid: ['Apache 2.0'],
      invalid: ['MIT', 'mit or isc'],
      canonical: [['mit', 'mit']],
      returnTrue: [['MIT AND ISC', ['MIT']]],
      returnFalse: [['MIT', ['MIT']]],
    })
    const result = await spdxExpressionSuite.run({ path: 'wrong.json', content })
    expect(result).toMatchObject({ passed: 0, failed: 6 })
  })

  it.each(['', '[]', '{}', 'MIT'])('fail the suite where there are none: %s', async (content) => {
    expect(await spdxExpressionSuite.run({ path: 'x', content })).toMatchObject({ passed: 0, failed: 1 })
  })
})
