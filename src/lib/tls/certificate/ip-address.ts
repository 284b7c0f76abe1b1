/** IP addresses as certificates hold them (RFC 5280 section 4.2.1.6): 4 or 16 bytes. */
import { isIPv4, isIPv6 } from 'node:net'
import { concat, fromHex } from '../../core/index.ts'

/** Undefined for what is no address. */
export function ipBytes(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  return isIPv6(text) ? ipv6Bytes(text) : undefined
}

function ipv6Bytes(address: string): Uint8Array {
  // The URL parser writes every form, also a dotted tail, as groups.
  const [head = '', tail] = new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname
    .slice(1, -1)
    .split('::')
  const groups = (text: string): Uint8Array[] =>
    text === '' ? [] : text.split(':').map((group) => fromHex(group.padStart(4, '0')))
  const [left, right] = [groups(head), groups(tail ?? '')]
  const zeros = new Uint8Array(16 - 2 * (left.length + right.length))
  return concat(...left, zeros, ...right)
}
