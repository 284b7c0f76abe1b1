import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { TimingWheel } from '../../../src/lib/mix/delay/timing-wheel.ts'
import { simulateTimingWheel } from '../../support/mix-nightly/timing-wheel-simulation.ts'

function fire(wheel: TimingWheel, nowUs: number, room = 1_024): number[] {
  const fired = new Int32Array(room)
  return [...fired.subarray(0, wheel.advance(nowUs, fired))]
}

describe('the timing wheel', () => {
  it.each([1, 2, 3, 4, 5, 6])('fires what a sorted list fires, seed %i', (seed) => {
    expect(() => simulateTimingWheel(seed)).not.toThrow()
  })

  it('holds a hundred thousand timers and loses none, also when all fall due at once', () => {
    const count = 100_000
    const wheel = new TimingWheel({ capacity: count })
    const random = new SeededRandom(7)
    for (let i = 0; i < count; i++) wheel.schedule(i, 500_000 + random.below(1_000))
    expect(fire(wheel, 499_999, count)).toEqual([])
    const fired = fire(wheel, 501_000, count)
    expect(new Set(fired).size).toBe(count)
    expect(wheel.nextDueUs()).toBe(Number.POSITIVE_INFINITY)
  })

  it('does not drift: after a day of timers, each still fires at the first look after its time', () => {
    const wheel = new TimingWheel({ capacity: 1 })
    const stepUs = 333.3
    let now = 0
    let lateMost = 0
    for (let i = 0; i < 50_000; i++) {
      const dueUs = now + 1_728_000 * 1.000_001
      wheel.schedule(0, dueUs)
      // Looked at rarely while far away, often when near, as a node does.
      now = dueUs - 2 * stepUs
      while (fire(wheel, now).length === 0) now += stepUs
      lateMost = Math.max(lateMost, now - dueUs)
    }
    expect(now).toBeGreaterThan(86_400_000_000)
    expect(lateMost).toBeGreaterThanOrEqual(0)
    expect(lateMost).toBeLessThanOrEqual(stepUs)
  })

  it('wakes in the right order after an hour of sleep, in little time', () => {
    const wheel = new TimingWheel({ capacity: 3, slots: 64 })
    wheel.schedule(0, 3_000_000_000)
    wheel.schedule(1, 20_000)
    wheel.schedule(2, 1_800_000_000)
    expect(fire(wheel, 3_600_000_000)).toEqual([1, 2, 0])
  })

  it('stands still when the clock goes back, and goes on when it has caught up', () => {
    const wheel = new TimingWheel({ capacity: 2, startUs: 10_000_000 })
    wheel.schedule(0, 10_005_000)
    expect(fire(wheel, 3_000)).toEqual([])
    wheel.schedule(1, 4_000)
    expect(fire(wheel, 5_000)).toEqual([1])
    expect(fire(wheel, 10_004_999)).toEqual([])
    expect(fire(wheel, 10_005_000)).toEqual([0])
  })

  it('fires in order of time, whatever the order of arrival within the millisecond', () => {
    const wheel = new TimingWheel({ capacity: 4 })
    const due = [7_900, 7_100, 7_500, 7_300]
    for (const [entry, at] of due.entries()) wheel.schedule(entry, at)
    expect(fire(wheel, 8_000)).toEqual([1, 3, 2, 0])
  })

  it('refuses an entry that waits already, does not exist, or has no time', () => {
    const wheel = new TimingWheel({ capacity: 2 })
    wheel.schedule(1, 5)
    expect(() => wheel.schedule(1, 6)).toThrow(expect.objectContaining({ code: 'E_INTERNAL' }))
    for (const entry of [-1, 2]) expect(() => wheel.schedule(entry, 5)).toThrow(/timer/)
    expect(() => wheel.schedule(0, Number.NaN)).toThrow(/timer/)
    expect(wheel.isWaiting(1)).toBe(true)
    expect(wheel.isWaiting(0)).toBe(false)
    expect(wheel.isWaiting(9)).toBe(false)
    expect(fire(wheel, 5)).toEqual([1])
    wheel.schedule(1, 6)
    expect(wheel.size).toBe(1)
  })

  it.each([0, 1.5, 2 ** 31])('refuses %d entries', (capacity) => {
    expect(() => new TimingWheel({ capacity })).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it.each([0, 3, 2 ** 21])('refuses %d slots', (slots) => {
    expect(() => new TimingWheel({ capacity: 1, slots })).toThrow(
      expect.objectContaining({ code: 'E_USAGE' }),
    )
  })
})
