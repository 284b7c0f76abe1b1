/** The tests of the specification itself are the judge; what they say of themselves is counted. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { purlSuite } from '../../../src/lib/lint/purl/vectors.ts'
import { REPOSITORY } from '../../support/aiv.ts'

function fixture(name: string): string {
  return readFileSync(join(REPOSITORY, 'fixtures', 'purl', name), 'utf8')
}

describe('the test suite of the package URL specification', () => {
  it('holds for what is common to all types', async () => {
    const path = 'specification.json'
    const result = await purlSuite.run({ path, content: fixture(path) })
    expect(result).toMatchObject({ passed: 18, failed: 0, skipped: 0, failures: [] })
  })

  it('holds for every type, but for three tests that others contradict', async () => {
    const path = 'types.json'
    const result = await purlSuite.run({ path, content: fixture(path) })
    expect(result).toMatchObject({ passed: 565, failed: 0, skipped: 3, failures: [] })
    expect(result.skips.map(({ reason }) => reason).toSorted()).toEqual([
      'another test of the file says that the same package URL is right',
      'another test of the file says that the same package URL is right',
      'only recommended: the definition of the type keeps upper case',
    ])
  })

  it('fails where an expectation is wrong', async () => {
    const wrong = [
      { test_type: 'parse', input: 'pkg:npm/a@1', expected_output: { type: 'npm', name: 'a', version: '2' } },
      { test_type: 'build', input: { type: 'npm', name: 'a' }, expected_output: 'pkg:npm/b' },
      { test_type: 'validate', input: 'pkg:NPM/a', expected_output: 'pkg:NPM/a' },
      { test_type: 'parse', input: 'pkg:npm/a', expected_failure: true },
      { test_type: 'parse', input: 'npm/a', expected_output: { type: 'npm', name: 'a' } },
    ]
    const result = await purlSuite.run({ path: 'wrong.json', content: JSON.stringify({ tests: wrong }) })
    expect(result).toMatchObject({ passed: 0, failed: 5 })
  })

  it.each(['', 'no JSON', '{}', '{"tests":[]}', '[1]'])(
    'fails on a file that holds none: %s',
    async (content) => {
      expect(await purlSuite.run({ path: 'x', content })).toMatchObject({ passed: 0, failed: 1 })
    },
  )
})
