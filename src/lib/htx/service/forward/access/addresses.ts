/** IP addresses by what they are for: what is not plainly public needs to be named to be reached. */
import { BlockList, isIPv4, isIPv6, SocketAddress } from 'node:net'

export interface IpAddress {
  readonly address: string
  readonly family: 'ipv4' | 'ipv6'
}

/** Network and length of its prefix. */
type Range = readonly [string, number]

/** IANA IPv4 special-purpose registry (RFC 6890), multicast and what is reserved. */
const SPECIAL_V4: readonly Range[] = [
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

/** 6to4 (RFC 3056), which carries any IPv4 address, and the prefix of NAT64 (RFC 6052). */
const SIX_TO_FOUR: Range = ['2002::', 16]
const NAT64: Range = ['64:ff9b::', 96]

/** Within 2000::/3: protocol assignments with Teredo, documentation. */
const SPECIAL_V6: readonly Range[] = [['2001::', 23], ['2001:db8::', 32], SIX_TO_FOUR, ['3fff::', 20]]

/** Beyond it, by what they are for: NAT64 of one's own, discarding, unique local, link-local, site-local, multicast. */
const BEYOND_V6: readonly Range[] = [
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
]

const special = new BlockList()
for (const [net, prefix] of SPECIAL_V4) special.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of SPECIAL_V6) special.addSubnet(net, prefix, 'ipv6')

/** Global unicast; everything else of IPv6 is local, mapped, translated or reserved. */
const globalV6 = new BlockList()
globalV6.addSubnet('2000::', 3, 'ipv6')

const unspecified = new BlockList()
unspecified.addAddress('0.0.0.0', 'ipv4')
unspecified.addAddress('::', 'ipv6')

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

/** No machine's address: opened it means every interface, and dialled this machine. */
export function isUnspecified({ address, family }: IpAddress): boolean {
  return unspecified.check(address, family)
}

/**
 * Whether a network lies within one of the special ranges: who writes it means what is special there, while a wider
 * one just happens to cover it. What carries IPv4 addresses is judged by those.
 */
export function isSpecialNetwork(net: IpAddress, prefix: number): boolean {
  const carried = carriedNetwork(net, prefix)
  if (carried !== undefined) return carried.prefix === 32 || isSpecialNetwork(carried.net, carried.prefix)
  const ranges = net.family === 'ipv4' ? SPECIAL_V4 : [...SPECIAL_V6, ...BEYOND_V6]
  return ranges.some((range) => prefix >= range[1] && isWithin(net, range))
}

/** The IPv4 address that 6to4 or NAT64 delivers to, where this is one of theirs. */
export function carriedIpv4(address: IpAddress): IpAddress | undefined {
  if (address.family === 'ipv4') return undefined
  const at = isWithin(address, NAT64) ? 12 : isWithin(address, SIX_TO_FOUR) ? 2 : undefined
  if (at === undefined) return undefined
  return {
    address: ipv6Bytes(address.address)
      .slice(at, at + 4)
      .join('.'),
    family: 'ipv4',
  }
}

function carriedNetwork(
  net: IpAddress,
  prefix: number,
): { readonly net: IpAddress; readonly prefix: number } | undefined {
  const carried = carriedIpv4(net)
  const before = isWithin(net, NAT64) ? NAT64[1] : SIX_TO_FOUR[1]
  if (carried === undefined || prefix < before) return undefined
  return { net: carried, prefix: Math.min(32, prefix - before) }
}

/** An IPv4 part at the end of an IPv6 address (RFC 4291 section 2.2). */
const IPV4_PART = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/

/** The sixteen bytes of an IPv6 address without a zone. */
export function ipv6Bytes(address: string): readonly number[] {
  const inGroups = address.replace(IPV4_PART, (_part, ...bytes: string[]) => {
    const [a, b, c, d] = bytes.slice(0, 4).map((byte) => Number(byte).toString(16).padStart(2, '0'))
    return `${a}${b}:${c}${d}`
  })
  const [head = '', tail] = inGroups.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0')
  return [...left, ...zeros, ...right].flatMap((group) => {
    const value = Number.parseInt(group, 16)
    return [value >>> 8, value & 0xff]
  })
}

function isWithin({ address, family }: IpAddress, [net, prefix]: Range): boolean {
  const list = new BlockList()
  list.addSubnet(net, prefix, net.includes(':') ? 'ipv6' : 'ipv4')
  return list.check(address, family)
}
