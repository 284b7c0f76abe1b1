import { describe, expect, it } from 'vitest'
import {
  DWELL_EXCEEDED,
  EXCESSIVE_DELAY,
  maxDelayUs,
  releaseAtUs,
} from '../../../src/lib/mix/delay/release.ts'

const limits = { maxDelayUs: 3_600_000_000, maxDwellUs: 250_000 }

describe('the time at which a packet leaves', () => {
  it('counts from its arrival: waiting is part of the delay', () => {
    expect(releaseAtUs(1_000_000, 1_020_000, 33_000, limits)).toBe(1_033_000)
  })

  it('is at once when the wait has used the delay up', () => {
    expect(releaseAtUs(1_000_000, 1_050_000, 33_000, limits)).toBeLessThanOrEqual(1_050_000)
  })

  it('never comes for a packet that waited too long', () => {
    expect(releaseAtUs(1_000_000, 1_250_000, 33_000, limits)).toBe(1_033_000)
    expect(releaseAtUs(1_000_000, 1_250_001, 33_000, limits)).toBe(DWELL_EXCEEDED)
  })

  it('never comes for a delay longer than the keys of the network live: 49 days is what a command can ask', () => {
    expect(maxDelayUs(1_200_000_000, 3)).toBe(limits.maxDelayUs)
    expect(releaseAtUs(0, 0, limits.maxDelayUs, limits)).toBe(limits.maxDelayUs)
    expect(releaseAtUs(0, 0, limits.maxDelayUs + 1, limits)).toBe(EXCESSIVE_DELAY)
    expect(releaseAtUs(0, 0, 0xffff_ffff * 1_000, limits)).toBe(EXCESSIVE_DELAY)
  })
})
