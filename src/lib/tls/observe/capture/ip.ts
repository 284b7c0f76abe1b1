/** IPv4 (RFC 791) and IPv6 (RFC 8200) headers: from the IP header to the transport header. */
import { readU16 } from '../../../core/index.ts'
import { MAX_EXTENSION_HEADERS } from './constants.ts'
import type { Packet } from './packet.ts'
import type { SkipReason } from './summary.ts'

const IPV4_HEADER_BYTES = 20
const IPV6_HEADER_BYTES = 40
/** More-fragments flag and fragment offset. */
const IPV4_FRAGMENT_MASK = 0x3fff
/** Fragment offset and more-fragments flag, without the reserved bits. */
const IPV6_FRAGMENT_MASK = 0xfff9

const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const AUTHENTICATION = 51
const DESTINATION_OPTIONS = 60
const MOBILITY = 135
const HOST_IDENTITY = 139
const SHIM6 = 140

/**
 * Moves the packet to its transport header; gives the reason when there is none.
 *
 * Fragments are counted and left out. Putting them together would cost memory that a hostile capture controls, and
 * would gain next to nothing: TCP sizes its segments to the path, QUIC forbids fragments (RFC 9000 section 14), and
 * DTLS splits its own messages. Checksums are not checked: machines that capture their own traffic leave them to
 * the network card.
 */
export function readIp(packet: Packet): SkipReason | undefined {
  return packet.ipVersion === 4 ? readIpv4(packet) : readIpv6(packet)
}

function readIpv4(packet: Packet): SkipReason | undefined {
  const { bytes, at, end } = packet
  if (end - at < IPV4_HEADER_BYTES) return 'ip-header'
  const first = bytes[at] as number
  const headerBytes = (first & 0x0f) * 4
  if (first >>> 4 !== 4 || headerBytes < IPV4_HEADER_BYTES || at + headerBytes > end) return 'ip-header'
  const totalBytes = readU16(bytes, at + 2)
  // 0 is what segmentation offload leaves in a packet that the card has yet to split.
  if (totalBytes !== 0) {
    if (totalBytes < headerBytes) return 'ip-header'
    limit(packet, at + totalBytes)
  }
  if ((readU16(bytes, at + 6) & IPV4_FRAGMENT_MASK) !== 0) return 'ip-fragment'
  packet.protocol = bytes[at + 9] as number
  packet.sourceAt = at + 12
  packet.destinationAt = at + 16
  packet.at = at + headerBytes
  return undefined
}

function readIpv6(packet: Packet): SkipReason | undefined {
  const { bytes, at } = packet
  if (packet.end - at < IPV6_HEADER_BYTES || (bytes[at] as number) >>> 4 !== 6) return 'ip-header'
  const payloadBytes = readU16(bytes, at + 4)
  // 0 stands for a jumbogram (RFC 2675), and for segmentation offload.
  if (payloadBytes !== 0) limit(packet, at + IPV6_HEADER_BYTES + payloadBytes)
  packet.sourceAt = at + 8
  packet.destinationAt = at + 24
  packet.at = at + IPV6_HEADER_BYTES
  return readExtensionHeaders(packet, bytes[at + 6] as number)
}

function readExtensionHeaders(packet: Packet, firstHeader: number): SkipReason | undefined {
  const { bytes, end } = packet
  let header = firstHeader
  for (let walked = 0; isExtensionHeader(header); walked++) {
    const { at } = packet
    if (walked === MAX_EXTENSION_HEADERS || end - at < 8) return 'ipv6-extension-headers'
    // An atomic fragment (RFC 6946) is a whole packet.
    if (header === FRAGMENT && (readU16(bytes, at + 2) & IPV6_FRAGMENT_MASK) !== 0) return 'ip-fragment'
    packet.at = at + extensionHeaderBytes(header, bytes[at + 1] as number)
    if (packet.at > end) return 'ipv6-extension-headers'
    header = bytes[at] as number
  }
  packet.protocol = header
  return undefined
}

function isExtensionHeader(header: number): boolean {
  switch (header) {
    case HOP_BY_HOP:
    case ROUTING:
    case FRAGMENT:
    case AUTHENTICATION:
    case DESTINATION_OPTIONS:
    case MOBILITY:
    case HOST_IDENTITY:
    case SHIM6:
      return true
    default:
      return false
  }
}

function extensionHeaderBytes(header: number, length: number): number {
  if (header === FRAGMENT) return 8
  if (header === AUTHENTICATION) return (length + 2) * 4
  return (length + 1) * 8
}

/** What lies behind the packet's own length is padding of the link layer. */
function limit(packet: Packet, end: number): void {
  if (end > packet.end) packet.isShort = true
  else packet.end = end
}
