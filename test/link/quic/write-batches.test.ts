import { describe, expect, it } from 'vitest'
import { WriteBatches } from '../../../src/lib/link/quic/write-batches.ts'

describe('arrays for the writes of QUIC links', () => {
  it('are used again after a write that succeeded, never while one is under way', () => {
    const batches = new WriteBatches()
    const first = batches.take(1_000_000)
    const second = batches.take(1_000_000)
    expect(second).not.toBe(first)
    batches.giveBack(first)
    expect(batches.take(1_000_000)).toBe(first)
    expect(batches.take(1_000_000)).not.toBe(first)
  })

  it('are of the size of a small write, and those are not kept', () => {
    const batches = new WriteBatches()
    const small = batches.take(100)
    expect(small.length).toBe(100)
    batches.giveBack(small)
    expect(batches.take(1_000_000).length).toBe(262_144)
  })

  it('are kept up to four', () => {
    const batches = new WriteBatches()
    const used = Array.from({ length: 6 }, () => batches.take(1_000_000))
    for (const batch of used) batches.giveBack(batch)
    const again = Array.from({ length: 6 }, () => batches.take(1_000_000))
    expect(again.filter((batch) => used.includes(batch)).length).toBe(4)
  })
})
