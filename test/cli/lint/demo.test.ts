import { describe, expect, it } from 'vitest'
import { aiv } from '../../support/aiv.ts'

describe('the lint step of the demo', () => {
  it('shows by six checks that everything is right, in a few seconds and without a network', async () => {
    const { code, stdout, stderr } = await aiv(['demo', '--step', 'lint', '--json'], { timeoutMs: 30_000 })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { passed, failed, steps } = JSON.parse(stdout) as {
      readonly passed: number
      readonly failed: number
      readonly steps: readonly {
        readonly duration_ms: number
        readonly checks: readonly { readonly detail?: string }[]
      }[]
    }
    expect({ passed, failed, steps: steps.length }).toEqual({ passed: 6, failed: 0, steps: 1 })
    expect(steps[0]?.duration_ms).toBeLessThan(10_000)
    // Every check shows what it saw.
    for (const { detail } of steps[0]?.checks ?? []) expect(detail).toMatch(/\S/)
  }, 40_000)
})
