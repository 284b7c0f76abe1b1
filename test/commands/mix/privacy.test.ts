/** `aiv mix sim` and `aiv mix analyze` as programs. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aiv, REPOSITORY, temporaryFolder } from '../../support/aiv.ts'
import { broken } from '../../support/json-promise.ts'

const SMALL = ['--clients', '30', '--duration', '3s', '--seed', '4']

function sample(name: string): unknown {
  return JSON.parse(readFileSync(join(REPOSITORY, 'fixtures/json-samples', `${name}.json`), 'utf8'))
}

describe('aiv mix sim', () => {
  it('answers the same for the same seed, and writes a trace that analyze judges alike', async () => {
    const cwd = temporaryFolder()
    const args = ['mix', 'sim', ...SMALL, '--test', 'T1', '--test', 'T14', '--json']
    const first = await aiv([...args, '--trace', 'trace.jsonl', '--plot', 'plot.svg'], { cwd })
    expect(first.code).toBe(0)
    expect((await aiv(args, { cwd })).stdout).toBe(first.stdout)
    const simulated = JSON.parse(first.stdout)
    expect(broken(sample('mix-sim'), simulated)).toEqual([])
    expect(readFileSync(join(cwd, 'plot.svg'), 'utf8')).toMatch(/^<\?xml .*<\/svg>\n$/s)

    const analyzed = await aiv(['mix', 'analyze', 'trace.jsonl', '--test', 'T1', '--test', 'T14', '--json'], {
      cwd,
    })
    expect(analyzed.code).toBe(0)
    const document = JSON.parse(analyzed.stdout)
    expect(document.tests).toEqual(simulated.tests)
    expect(broken(sample('mix-analyze'), document)).toEqual([])
  })

  it('says no where clients send without cover', async () => {
    const { code, stdout } = await aiv(['mix', 'sim', ...SMALL, '--cover', 'none', '--test', 'T4'])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^T4 +FAIL/m)
    expect(stdout).toMatch(/NOT PASSED/)
  })

  it('refuses what it cannot simulate', async () => {
    for (const args of [
      ['--duration', '1s'],
      ['--nodes', '2'],
      ['--rate', 'x'],
      ['--rate', '0'],
    ])
      expect((await aiv(['mix', 'sim', ...args])).code).toBe(2)
  })
})

describe('aiv mix analyze', () => {
  it('refuses what is no trace', async () => {
    const cwd = temporaryFolder()
    writeFileSync(join(cwd, 'odd.jsonl'), '{"v":1}\n')
    const { code, stderr } = await aiv(['mix', 'analyze', 'odd.jsonl'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/line 1/)
  })
})
