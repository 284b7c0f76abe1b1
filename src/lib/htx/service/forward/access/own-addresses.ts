/** The addresses of this machine. What listens on them often trusts that only a firewall's inside can reach them. */
import { networkInterfaces } from 'node:os'
import { systemClock } from '../../../../core/index.ts'
import { OWN_ADDRESSES_MS } from '../constants.ts'
import { carriedIpv4, type IpAddress, isUnspecified, parseAddressText } from './addresses.ts'

let known: { readonly at: number; readonly addresses: ReadonlySet<string> } | undefined

export function isOwnAddress(address: IpAddress): boolean {
  if (isUnspecified(address)) return true
  const own = ownAddresses()
  const carried = carriedIpv4(address)
  return own.has(address.address) || (carried !== undefined && own.has(carried.address))
}

/** They come and go while a listener runs, and a machine with many interfaces is slow to list them. */
function ownAddresses(): ReadonlySet<string> {
  const at = systemClock.now()
  if (known === undefined || at - known.at >= OWN_ADDRESSES_MS) {
    const all = Object.values(networkInterfaces()).flatMap((each) => each ?? [])
    const parsed = all.map(({ address }) => parseAddressText(address.replace(/%.*$/, ''))?.address)
    known = { at, addresses: new Set(parsed.filter((address) => address !== undefined)) }
  }
  return known.addresses
}
