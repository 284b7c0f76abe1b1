import { describe, expect, it } from 'vitest'
import { carriedRate, layOutFilter } from '../../../src/lib/mix/replay/index.ts'

describe('the layout of a replay filter', () => {
  it('holds a tag in 24 bits at a rate of 1e-5: 22,000 packets/s for 20 minutes in 79.2 MB', () => {
    const { capacity } = layOutFilter({ bytes: 79_200_000, falsePositiveRate: 1e-5, journalTags: 0 })
    expect(carriedRate(capacity, 20 * 60_000)).toBeGreaterThanOrEqual(22_000)
    expect(carriedRate(capacity, 20 * 60_000)).toBeLessThan(22_100)
  })

  it.each([
    [4096, 1, 0],
    [1_000_003, 7, 64],
    [80 * 2 ** 20, 16, 16_384],
  ])('never takes more than its %i bytes, journals included', (bytes, workers, journalTags) => {
    const layout = layOutFilter({ bytes, workers, journalTags })
    expect(layout.totalBytes).toBeLessThanOrEqual(bytes)
    expect(layout.totalBytes).toBeGreaterThan(bytes - 4 * 16 * 64)
  })

  it.each([
    [{ bytes: 100 }],
    [{ bytes: 1e12 }],
    [{ bytes: 4096.5 }],
    [{ bytes: 4096, workers: 64, journalTags: 0 }],
    [{ bytes: 100_000, workers: 1, journalTags: 16_384 }],
    [{ workers: 0 }],
    [{ workers: 65 }],
    [{ journalTags: 1000 }],
    [{ falsePositiveRate: 0 }],
    [{ falsePositiveRate: 0.5 }],
    [{ falsePositiveRate: Number.NaN }],
  ])('refuses %j', (size) => {
    expect(() => layOutFilter(size)).toThrowError(expect.objectContaining({ code: 'E_USAGE' }))
  })
})
