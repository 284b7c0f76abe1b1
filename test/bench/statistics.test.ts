import { describe, expect, it } from 'vitest'
import { median, percentile, percentiles } from '../../src/lib/bench/index.ts'

const ONE_TO_HUNDRED = Array.from({ length: 100 }, (_, i) => ((i * 37) % 100) + 1)

describe('percentiles', () => {
  it('are the samples of nearest rank, in whatever order the samples came', () => {
    expect(percentile(ONE_TO_HUNDRED, 95)).toBe(95)
    expect(percentile(ONE_TO_HUNDRED, 99)).toBe(99)
    expect(percentile(ONE_TO_HUNDRED, 100)).toBe(100)
    // The textbook example of the nearest-rank method.
    expect([5, 30, 40, 50, 100].map((percent) => percentile([15, 20, 35, 40, 50], percent))).toEqual([
      15, 20, 20, 35, 50,
    ])
  })

  it('compare numbers, not their texts', () => {
    expect(median([10, 9, 100])).toBe(10)
  })

  it('take the mean of the two samples in the middle', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(median([7])).toBe(7)
  })

  it('are given with four significant digits', () => {
    expect(percentiles([1.23456, 1.23456])).toEqual({ p50: 1.235, p95: 1.235, p99: 1.235 })
  })

  it('do not exist without samples', () => {
    expect(() => median([])).toThrow(RangeError)
    expect(() => percentile([], 50)).toThrow(RangeError)
  })
})
