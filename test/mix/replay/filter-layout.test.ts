import { describe, expect, it } from 'vitest'
import { carriedRate, layOutFilter } from '../../../src/lib/mix/replay/index.ts'

describe('the layout of a replay filter', () => {
  it('holds a tag in 24.15 bits at a rate of 1e-5: 22,000 packets/s for 20 minutes in 79.7 MB', () => {
    const { capacity } = layOutFilter({ bytes: 79_700_000, falsePositiveRate: 1e-5, journalTags: 0 })
    expect(carriedRate(capacity, 20 * 60_000)).toBeGreaterThanOrEqual(22_000)
    expect(carriedRate(capacity, 20 * 60_000)).toBeLessThan(22_100)
  })

  it.each([
    // The rate in blocks of Poisson load, solved for the load by a program in another language.
    [1e-5, 24.147],
    [1e-3, 14.457],
  ])('gives a rate of %d to %d bits a tag', (falsePositiveRate, bits) => {
    const bytes = 200_000_000
    const { capacity } = layOutFilter({ bytes, falsePositiveRate, journalTags: 0 })
    expect((8 * bytes) / capacity).toBeCloseTo(bits, 2)
  })

  it.each([
    [16_384, 1, 0],
    [1_000_003, 7, 64],
    [80 * 2 ** 20, 16, 16_384],
  ])('never takes more than its %i bytes, journals included', (bytes, workers, journalTags) => {
    const layout = layOutFilter({ bytes, workers, journalTags })
    expect(layout.totalBytes).toBeLessThanOrEqual(bytes)
    expect(layout.totalBytes).toBeGreaterThan(bytes - 2048)
  })

  it.each([
    [{ bytes: 100 }],
    [{ bytes: 1e12 }],
    [{ bytes: 16_384.5 }],
    [{ bytes: 16_384, workers: 64, journalTags: 512 }],
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
