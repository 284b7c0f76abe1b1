import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { addressPrefix } from '../../../src/lib/htx/endpoint/accept/address-prefix.ts'
import { Admission, DEFAULT_ADMISSION } from '../../../src/lib/htx/endpoint/accept/admission.ts'

describe('the prefix of an address', () => {
  it.each([
    ['192.0.2.7:4433', '192.0.2'],
    ['192.0.2.255:1', '192.0.2'],
    ['192.0.20.7:1', '192.0.20'],
    ['[::ffff:192.0.2.7]:4433', '192.0.2'],
    ['[::FFFF:192.0.2.7]:4433', '192.0.2'],
    ['[::ffff:c000:207]:4433', '192.0.2'],
    ['[0:0:0:0:0:ffff:192.0.2.7]:4433', '192.0.2'],
    ['[2001:db8:1:2300::1]:1', '2001:0db8:0001:23'],
    ['[2001:db8:1:23ff:ffff::1]:9', '2001:0db8:0001:23'],
    ['[2001:db8:1:2400::1]:9', '2001:0db8:0001:24'],
    ['[2001:DB8:1:2:3:4:5:6]:9', '2001:0db8:0001:00'],
    ['[::1]:9', '0000:0000:0000:00'],
    ['[::]:9', '0000:0000:0000:00'],
    ['[fe80::1%eth0]:9', 'fe80:0000:0000:00'],
    ['[fe80::1%a:b]:9', 'fe80:0000:0000:00'],
    ['[64:ff9b::192.0.2.7]:9', '0064:ff9b:0000:00'],
    ['[1::2:3:4:5:6:7]:9', '0001:0000:0002:00'],
    ['2001:db8::1', '2001:0db8:0000:00'],
    ['memory:1', 'memory'],
    ['unknown:0', 'unknown'],
    ['', ''],
  ])('%s is %s', (address, prefix) => {
    expect(addressPrefix(address)).toBe(prefix)
  })

  it('is the same for every form of one IPv6 address', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
        // The compressed form is that of the URL parser (RFC 5952), the full one is written here.
        const full = groups.map((group) => group.toString(16).padStart(4, '0'))
        const short = new URL(`http://[${full.join(':')}]/`).hostname
        expect(addressPrefix(`${short}:1`)).toBe(addressPrefix(`[${full.join(':')}]:1`))
        const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
        if (!isMapped) expect(addressPrefix(`${short}:1`)).toBe(full.join(':').slice(0, 17))
      }),
    )
  })
})

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
