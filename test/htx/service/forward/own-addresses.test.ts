/** Which addresses are this machine's, also while the system does not say. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { type IpAddress, parseAddressText } from '../../../../src/lib/htx/service/forward/access/addresses.ts'
import { OwnAddresses, ownAddresses } from '../../../../src/lib/htx/service/forward/access/own-addresses.ts'

function ip(text: string): IpAddress {
  return parseAddressText(text.replace(/%.*$/, '')) as IpAddress
}

/** A machine with one interface, whose system gives no answer while `addresses` is undefined. */
class Machine {
  readonly clock = new ManualClock()
  addresses: readonly string[] | undefined
  readonly own = new OwnAddresses(this.clock, () => {
    if (this.addresses === undefined) throw Object.assign(new Error('no'), { code: 'ERR_SYSTEM_ERROR' })
    return { eth0: this.addresses.map((address) => ({ address }) as NetworkInterfaceInfo) }
  })

  has(address: string): boolean {
    return this.own.has(ip(address))
  }
}

describe('the addresses of this machine', () => {
  it('are those of its interfaces', () => {
    for (const all of Object.values(networkInterfaces()))
      for (const { address } of all ?? []) expect(ownAddresses.has(ip(address))).toBe(true)
    expect(ownAddresses.has(ip('192.0.2.254'))).toBe(false)
    expect(ownAddresses.has(ip('::'))).toBe(true)
  })

  it('follow the system within a second', () => {
    const machine = new Machine()
    machine.addresses = ['192.0.2.1', 'fe80::1%eth0']
    expect(['192.0.2.1', 'fe80::1', '192.0.2.2'].map((text) => machine.has(text))).toEqual([
      true,
      true,
      false,
    ])
    machine.addresses = ['192.0.2.2']
    expect(machine.has('192.0.2.2')).toBe(false)
    machine.clock.advance(1_000)
    expect(['192.0.2.1', '192.0.2.2'].map((text) => machine.has(text))).toEqual([false, true])
  })

  it('are those listed last while the system does not say', () => {
    const machine = new Machine()
    machine.addresses = ['192.0.2.1']
    expect(machine.has('192.0.2.1')).toBe(true)
    machine.addresses = undefined
    machine.clock.advance(60_000)
    expect(['192.0.2.1', '192.0.2.2'].map((text) => machine.has(text))).toEqual([true, false])
    machine.addresses = ['192.0.2.2']
    expect(['192.0.2.1', '192.0.2.2'].map((text) => machine.has(text))).toEqual([false, true])
  })

  it('are all there are before the system has said any', () => {
    const machine = new Machine()
    expect(machine.has('1.1.1.1')).toBe(true)
    expect(machine.own.all()).toEqual([])
    machine.addresses = ['192.0.2.1']
    expect(machine.has('1.1.1.1')).toBe(false)
  })
})
