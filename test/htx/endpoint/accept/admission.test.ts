import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { Admission, DEFAULT_ADMISSION } from '../../../../src/lib/htx/endpoint/accept/admission.ts'

describe('handshakes at once', () => {
  it('are 256 in all and 16 of one prefix, by default', () => {
    const admission = new Admission(new ManualClock())
    const leave: (() => void)[] = []
    for (let prefix = 0; prefix < 16; prefix++) {
      for (let i = 0; i < 16; i++) leave.push(admission.enterHandshake(`p${prefix}`) as () => void)
      expect(admission.enterHandshake(`p${prefix}`)).toBeUndefined()
    }
    expect(admission.handshakes).toBe(256)
    expect(leave.every((each) => typeof each === 'function')).toBe(true)
    expect(admission.enterHandshake('another')).toBeUndefined()
    leave[0]?.()
    expect(admission.enterHandshake('another')).toBeDefined()
    expect(admission.enterHandshake('p0')).toBeUndefined()
  })

  it('leave once, however often they say so', () => {
    const admission = new Admission(new ManualClock(), { handshakesPerPrefix: 2 })
    const first = admission.enterHandshake('a') as () => void
    admission.enterHandshake('a')
    first()
    first()
    expect(admission.handshakes).toBe(1)
    expect(admission.enterHandshake('a')).toBeDefined()
    expect(admission.enterHandshake('a')).toBeUndefined()
  })
})

describe('the discard set', () => {
  it('has 4,096 places in all and 16 for one prefix, by default', () => {
    const admission = new Admission(new ManualClock())
    for (let i = 0; i < 16; i++) admission.enterDiscard('a')
    expect(admission.mayDiscard('a')).toBe(false)
    expect(admission.mayDiscard('b')).toBe(true)
    for (let i = 16; i < 4096; i++) admission.enterDiscard(`p${i >> 4}`)
    expect(admission.mayDiscard('b')).toBe(false)
    expect(admission.discarded).toBe(4096)
  })
})

describe('the bucket of a prefix', () => {
  it('has 60 tokens and gets 2 a second, by default, apart from all others', () => {
    const clock = new ManualClock()
    const admission = new Admission(clock)
    const admitted = (prefix: string): number => {
      let count = 0
      while (admission.admit(prefix)) count++
      return count
    }
    expect(admitted('a')).toBe(60)
    expect(admitted('b')).toBe(60)
    clock.advance(10_000)
    expect(admitted('a')).toBe(20)
    clock.advance(3_600_000)
    expect(admitted('a')).toBe(60)
  })

  it('is one of a bounded number; the least recently seen is forgotten', () => {
    const admission = new Admission(new ManualClock(), {
      prefixes: 3,
      bucket: { capacity: 1, refillPerSecond: 0 },
    })
    for (const prefix of ['a', 'b', 'c']) expect(admission.admit(prefix)).toBe(true)
    expect(admission.admit('a')).toBe(false)
    expect(admission.admit('d')).toBe(true)
    // b went; a, which was seen later, is still known.
    expect(admission.admit('a')).toBe(false)
    expect(admission.admit('b')).toBe(true)
    expect(DEFAULT_ADMISSION.prefixes).toBeLessThanOrEqual(65_536)
  })
})
