import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { runDemo } from '../../src/lib/cli/index.ts'
import type { DemoStep } from '../../src/lib/core/index.ts'
import { aiv } from '../support/aiv.ts'

const never = new AbortController().signal

function step(name: string, run: DemoStep['run']): () => Promise<DemoStep> {
  return async () => ({ name, summary: name, run })
}

describe('a demo', () => {
  it('counts checks, and goes on after a step that throws', async () => {
    const totals = await runDemo(
      [
        step('a', async () => [
          { name: 'one', passed: true },
          { name: 'two', passed: false },
        ]),
        step('b', async () => {
          throw new Error('broken')
        }),
        step('c', async () => [{ name: 'three', passed: true }]),
      ],
      { signal: never },
    )
    expect(totals).toMatchObject({ passed: 2, failed: 2 })
    expect(totals.steps[1]?.checks).toEqual([{ name: 'b runs to its end', passed: false, detail: 'broken' }])
  })

  it('fails a step that checks nothing', async () => {
    expect(await runDemo([step('a', async () => [])], { signal: never })).toMatchObject({
      passed: 0,
      failed: 1,
    })
  })

  it('gives each step a folder of its own and removes it', async () => {
    let folder = ''
    await runDemo(
      [
        step('a', async (context) => {
          folder = context.folder
          return [{ name: 'there', passed: existsSync(folder) }]
        }),
      ],
      { signal: never },
    )
    expect(folder).not.toBe('')
    expect(existsSync(folder)).toBe(false)
  })

  it('stops when it is interrupted', async () => {
    const controller = new AbortController()
    const interrupting = step('a', async () => {
      controller.abort(new Error('stop'))
      controller.signal.throwIfAborted()
      return []
    })
    await expect(runDemo([interrupting, interrupting], { signal: controller.signal })).rejects.toThrow('stop')
  })
})

describe('aiv demo', () => {
  it('passes on this machine and counts in its last line', async () => {
    const { code, stdout } = await aiv(['demo', '--step', 'cryptography'])
    expect(code).toBe(0)
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('10 checks passed, 0 failed')
  })

  it('answers in JSON', async () => {
    const { stdout } = await aiv(['demo', '--step', 'cryptography', '--json'])
    expect(JSON.parse(stdout)).toMatchObject({
      v: 1,
      passed: 10,
      failed: 0,
      steps: [{ step: 'cryptography' }],
    })
  })

  it('refuses a step that does not exist', async () => {
    const { code, stderr } = await aiv(['demo', '--step', 'constructor'])
    expect(code).toBe(2)
    expect(stderr).toContain('there is no demo step constructor')
  })
})
