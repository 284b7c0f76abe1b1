import { describe, expect, it, vi } from 'vitest'
import { ManualClock, systemClock, TokenBucket, unixSeconds } from '../../src/lib/core/index.ts'

describe('the manual clock', () => {
  it('fires timers in order of time, then of creation, each at its own moment', () => {
    const clock = new ManualClock()
    const fired: string[] = []
    const note = (name: string) => () => fired.push(`${name}@${clock.now()}`)
    clock.schedule(20, note('late'))
    clock.schedule(10, note('first'))
    clock.schedule(10, note('second'))
    clock.advance(15)
    expect(fired).toEqual(['first@10', 'second@10'])
    clock.advance(5)
    expect(fired).toEqual(['first@10', 'second@10', 'late@20'])
    expect(clock.nextTimerAt()).toBeUndefined()
  })

  it('fires what a timer schedules on the way, and never what was cancelled', () => {
    const clock = new ManualClock()
    const fired: number[] = []
    const cancel = clock.schedule(7, () => fired.push(-1))
    clock.schedule(5, () => {
      cancel()
      clock.schedule(0, () => fired.push(clock.now()))
      clock.schedule(3, () => fired.push(clock.now()))
    })
    clock.advance(100)
    expect(fired).toEqual([5, 8])
    expect(clock.now()).toBe(100)
  })

  it('moves the wall clock with time, and alone when it jumps', () => {
    const clock = new ManualClock(1_000_000)
    clock.advance(500)
    expect(clock.wallMs()).toBe(1_000_500)
    clock.jumpWall(-600_000)
    expect([clock.wallMs(), clock.now(), unixSeconds(clock)]).toEqual([400_500, 500, 400])
  })

  it('takes a delay below zero as none', () => {
    const clock = new ManualClock()
    let fired = false
    clock.schedule(-5, () => {
      fired = true
    })
    clock.advance(0)
    expect(fired).toBe(true)
  })
})

describe('the system clock', () => {
  it('calls back once, and not when cancelled', async () => {
    const fired: string[] = []
    const cancel = systemClock.schedule(1, () => fired.push('cancelled'))
    cancel()
    await new Promise<void>((resolve) => {
      const keepAlive = setTimeout(() => resolve(), 10_000)
      systemClock.schedule(5, () => {
        fired.push('fired')
        clearTimeout(keepAlive)
        resolve()
      })
    })
    expect(fired).toEqual(['fired'])
  })

  // Timers of the platform hold 31 bits of milliseconds: a longer delay fired after one.
  it('waits for months where that is asked, and can be cancelled on the way', () => {
    vi.useFakeTimers()
    try {
      const days = 86_400_000
      const fired: string[] = []
      systemClock.schedule(45 * days, () => fired.push('renewal'))
      const cancel = systemClock.schedule(60 * days, () => fired.push('cancelled'))
      vi.advanceTimersByTime(45 * days - 1)
      expect(fired).toEqual([])
      vi.advanceTimersByTime(1)
      expect(fired).toEqual(['renewal'])
      cancel()
      vi.advanceTimersByTime(30 * days)
      expect(fired).toEqual(['renewal'])
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a token bucket', () => {
  it('starts full, gives what it has, and refuses the rest without taking any', () => {
    const bucket = new TokenBucket(new ManualClock(), { capacity: 3, refillPerSecond: 1 })
    expect([bucket.isFull(), bucket.take(2), bucket.take(2), bucket.take(1), bucket.take(1)]).toEqual([
      true,
      true,
      false,
      true,
      false,
    ])
  })

  it('refills with time and never above its capacity', () => {
    const clock = new ManualClock()
    const bucket = new TokenBucket(clock, { capacity: 10, refillPerSecond: 4 })
    expect(bucket.take(10)).toBe(true)
    clock.advance(249)
    expect(bucket.take()).toBe(false)
    clock.advance(1)
    expect([bucket.take(), bucket.take()]).toEqual([true, false])
    clock.advance(3_600_000)
    expect([bucket.isFull(), bucket.take(11), bucket.take(10)]).toEqual([true, false, true])
  })

  it('admits over any time at most its capacity and its rate', () => {
    const clock = new ManualClock()
    const bucket = new TokenBucket(clock, { capacity: 100, refillPerSecond: 10 })
    let taken = 0
    for (let ms = 0; ms < 60_000; ms += 10) {
      while (bucket.take()) taken++
      clock.advance(10)
    }
    expect(taken).toBeGreaterThanOrEqual(100 + 598)
    expect(taken).toBeLessThanOrEqual(100 + 600)
  })

  it('counts what is given, never above its capacity', () => {
    const bucket = new TokenBucket(new ManualClock(), { capacity: 5, refillPerSecond: 0 })
    bucket.give(100)
    expect([bucket.take(5), bucket.take()]).toEqual([true, false])
    bucket.give(0.5)
    expect(bucket.take()).toBe(false)
    bucket.give(0.5)
    expect(bucket.take()).toBe(true)
  })
})
