import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { REPOSITORY, temporaryFolder } from '../support/aiv.ts'

const LIMIT_MS = 30_000

/** Runs jobs in a process of their own, as nightly scripts do. */
function run(
  jobs: string,
  hangMs = LIMIT_MS,
): { readonly output: string; readonly failed: unknown; readonly signal: string | null } {
  const runner = pathToFileURL(join(REPOSITORY, 'scripts', 'seed-jobs.ts'))
  const script = join(temporaryFolder(), 'run.mjs')
  writeFileSync(
    script,
    `import { fuzzJobs, runSeedJobs } from ${JSON.stringify(runner)}
    const failed = await runSeedJobs(${jobs}, ${hangMs})
    process.stdout.write(JSON.stringify(failed))`,
  )
  const { stdout, signal } = spawnSync(process.execPath, [script], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
  })
  const last = stdout.split('\n').at(-1) ?? ''
  return { output: stdout, failed: last === '' ? undefined : JSON.parse(last), signal }
}

describe('a run over seeds', () => {
  it('names seeds that fail, and says whether they fail again', () => {
    const { output, failed } = run(`[{
      name: 'odd', from: 1, to: 10,
      run: (seed) => {
        if (seed === 3) throw new Error('three')
        if (seed === 5) return Promise.reject(new Error('five'))
        if (seed === 7) throw new Error(String((globalThis.calls = (globalThis.calls ?? 0) + 1)))
      },
    }]`)
    expect(failed).toEqual([3, 5, 7])
    expect(output).toContain('FAILED odd seed 3 (fails again): three')
    expect(output).toContain('FAILED odd seed 5 (fails again): five')
    expect(output).toContain('FAILED odd seed 7 (DOES NOT REPEAT): 1')
    expect(output).toMatch(/^odd: 9 seeds, 3 failed/m)
  })

  it('gives a job up after many failures, and goes on with the next', () => {
    const { output, failed } = run(`[
      { name: 'bad', from: 0, to: 100, run: () => { throw new Error('always') } },
      { name: 'good', from: 0, to: 3, run: () => {} },
    ]`)
    expect(failed).toHaveLength(20)
    expect(output).toMatch(/^good: 3 seeds, 0 failed/m)
  })

  it('fails a seed that takes too much processor time', () => {
    const { output, failed } = run(`[{
      name: 'slow', from: 0, to: 3, cpuMs: 50,
      run: (seed) => { for (const { user } = process.cpuUsage(); seed === 1 && process.cpuUsage().user < user + 100_000;); },
    }]`)
    expect(failed).toEqual([1])
    expect(output).toContain('FAILED slow seed 1 (fails again): more than 50 ms of processor time')
  })

  it('ends with the name of a seed that hangs', () => {
    const { output, signal } = run(
      `[{ name: 'endless', from: 0, to: 9, run: (seed) => { while (seed === 4); } }]`,
      1_000,
    )
    expect(signal).toBe('SIGKILL')
    expect(output).toContain('FAILED endless seed 4: it hangs')
  })

  it('counts inputs, of which a seed may give several', () => {
    const { output } = run(`fuzzJobs({ four: { inputs: 4, run: () => {} } }, ['four'], '8:18')`)
    expect(output).toMatch(/^fuzz four: 3 seeds, 0 failed/m)
  })
})
