import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressPrefix } from '../../src/lib/link/index.ts'

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
