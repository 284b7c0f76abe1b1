import { describe, expect, it } from 'vitest'
import { sampleLock } from '../../../src/lib/lint/bench/sample-lock.ts'
import { MemoryFiles } from '../../../src/lib/lint/readers/index.ts'
import { npmReader } from '../../../src/lib/lint/readers/npm/package-lock.ts'
import { aiv } from '../../support/aiv.ts'

describe('aiv lint bench', () => {
  it('answers in the one shape of all benchmarks', async () => {
    const { code, stdout, stderr } = await aiv(
      ['lint', 'bench', '--only', 'sbom.700,check.cold', '--runs', '2', '--json'],
      { timeoutMs: 60_000 },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const document = JSON.parse(stdout) as { results: object[] }
    expect(document).toMatchObject({ v: 1, bench: 'lint', node: process.version })
    expect(document.results).toMatchObject([
      { name: 'sbom.700', unit: 'ms', runs: 2, components: 700 },
      { name: 'check.cold', unit: 'files/s', runs: 2, files: 2000 },
    ])
    for (const result of document.results)
      for (const field of ['value', 'p50', 'p95', 'p99'])
        expect(result).toHaveProperty(field, expect.any(Number))
  }, 70_000)

  it('refuses names that do not exist, and lockfiles that are not there', async () => {
    for (const args of [
      ['--only', 'handshake'],
      ['--lock', 'nothing.json'],
      ['--runs', '0'],
    ])
      expect((await aiv(['lint', 'bench', ...args])).code).toBe(2)
  })
})

describe('the lockfile that is measured', () => {
  it('has the packages, places and edges that it is said to have', () => {
    const text = sampleLock({ packages: 200, places: 250 })
    const { packages } = JSON.parse(text) as { packages: Record<string, unknown> }
    expect(Object.keys(packages)).toHaveLength(251)
    const path = 'package-lock.json'
    const { projects, problems } = npmReader.read(path, new MemoryFiles({ [path]: text }))
    expect(problems).toEqual([])
    expect(projects[0]?.components).toHaveLength(200)
  })
})
