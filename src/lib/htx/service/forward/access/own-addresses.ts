/** The addresses of this machine. What listens on them often trusts that only a firewall's inside can reach them. */
import { networkInterfaces } from 'node:os'
import { carriedIpv4, type IpAddress, isUnspecified, parseAddressText } from './addresses.ts'

/** Asked anew each time, some 25 µs: addresses come and go while a listener runs. */
export function isOwnAddress(address: IpAddress): boolean {
  if (isUnspecified(address)) return true
  const carried = carriedIpv4(address)
  const own = new Set(
    Object.values(networkInterfaces()).flatMap((all) =>
      (all ?? []).map(({ address: text }) => parseAddressText(text.replace(/%.*$/, ''))?.address),
    ),
  )
  return own.has(address.address) || (carried !== undefined && own.has(carried.address))
}
