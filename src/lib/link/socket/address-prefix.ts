/** The network prefix that rate limits go by: /24 of IPv4, /56 of IPv6; other text stands for itself. */
import { isIPv4, isIPv6 } from 'node:net'

/** @param address `host:port`, IPv6 in brackets, as a link gives it */
export function addressPrefix(address: string): string {
  const host = hostOf(address)
  if (isIPv4(host)) return host.split('.').slice(0, 3).join('.')
  if (!isIPv6(host)) return host
  const groups = expand(host.replace(/%.*$/, ''))
  if (groups.slice(0, 6).join(':') === MAPPED) return mappedPrefix(groups)
  return `${groups.slice(0, 3).join(':')}:${(groups[3] as string).slice(0, 2)}`
}

/** Groups in front of an IPv4 address in IPv6 form (RFC 4291 section 2.5.5.2): all of them would share one /56. */
const MAPPED = '0000:0000:0000:0000:0000:ffff'

function mappedPrefix(groups: readonly string[]): string {
  const [high, low] = groups.slice(6).map((group) => Number.parseInt(group, 16)) as [number, number]
  return `${high >> 8}.${high & 0xff}.${low >> 8}`
}

function hostOf(address: string): string {
  const bracketed = /^\[([^\]]*)\]/.exec(address)
  if (bracketed !== null) return bracketed[1] as string
  const colon = address.lastIndexOf(':')
  return colon < 0 || address.indexOf(':') !== colon ? address : address.slice(0, colon)
}

/** The eight groups of an IPv6 address, four digits each. */
function expand(host: string): readonly string[] {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(host)
  const plain =
    dotted === null ? host : `${dotted[1]}${hexGroup(dotted[2], dotted[3])}:${hexGroup(dotted[4], dotted[5])}`
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? 0 : 8 - left.length - right.length
  const zeros = Array.from({ length: gap }, () => '0')
  return [...left, ...zeros, ...right].map((group) => group.padStart(4, '0').toLowerCase())
}

function hexGroup(high: string | undefined, low: string | undefined): string {
  return (Number(high) * 256 + Number(low)).toString(16)
}
