/** IP addresses by what they are for: what is not plainly public needs to be named to be reached. */
import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net'

export interface IpAddress {
  readonly address: string
  readonly family: 'ipv4' | 'ipv6'
}

/** IANA IPv4 special-purpose registry (RFC 6890), multicast and what is reserved. */
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** Within 2000::/3: protocol assignments with Teredo, documentation, and 6to4, which carries any IPv4 address. */
const SPECIAL_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const special = new BlockList()
for (const [net, prefix] of SPECIAL_V4) special.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of SPECIAL_V6) special.addSubnet(net, prefix, 'ipv6')

/** Global unicast; everything else of IPv6 is local, mapped, translated or reserved. */
const globalV6 = new BlockList()
globalV6.addSubnet('2000::', 3, 'ipv6')

const loopback = new BlockList()
loopback.addSubnet('127.0.0.0', 8, 'ipv4')
loopback.addAddress('::1', 'ipv6')

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/

/**
 * An address in its one form, or undefined when the text is none. IPv4 in IPv6 form is IPv4: the system would reach
 * the same machine by both.
 */
export function parseAddressText(text: string): IpAddress | undefined {
  if (isIPv4(text)) return { address: text, family: 'ipv4' }
  if (!isIPv6(text) || text.includes('%')) return undefined
  const { address } = new SocketAddress({ address: text, family: 'ipv6' })
  const mapped = MAPPED.exec(address)?.[1]
  return mapped === undefined ? { address, family: 'ipv6' } : { address: mapped, family: 'ipv4' }
}

/** Everybody on the internet means the same machine by it. */
export function isPublic({ address, family }: IpAddress): boolean {
  if (special.check(address, family)) return false
  return family === 'ipv4' || globalV6.check(address, family)
}

export function isLoopback({ address, family }: IpAddress): boolean {
  return loopback.check(address, family)
}
