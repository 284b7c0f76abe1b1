import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { BackOff } from '../../../src/lib/htx/reconnect/back-off.ts'

describe('the pause before another attempt', () => {
  it('is drawn from 0 to a bound that doubles from half a second to a minute', () => {
    const bounds = [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]
    const sums = bounds.map(() => 0)
    const runs = 2000
    const random = new SeededRandom(3)
    for (let run = 0; run < runs; run++) {
      const backOff = new BackOff(random)
      for (const [i, bound] of bounds.entries()) {
        const pauseMs = backOff.draw()
        expect(pauseMs).toBeGreaterThanOrEqual(0)
        expect(pauseMs).toBeLessThan(bound)
        sums[i] = (sums[i] as number) + pauseMs
      }
    }
    // The mean of a uniform draw is half its bound; its standard error here is 0.65 % of the bound.
    for (const [i, bound] of bounds.entries()) {
      expect(Math.abs((sums[i] as number) / runs / bound - 0.5)).toBeLessThan(0.04)
    }
  })

  it('is short again after something worked', () => {
    const backOff = new BackOff(new SeededRandom(4))
    for (let i = 0; i < 8; i++) backOff.draw()
    backOff.reset()
    expect(backOff.draw()).toBeLessThan(500)
  })
})
