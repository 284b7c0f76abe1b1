/** Link-layer headers: from the first captured byte to the IP header (tcpdump.org/linktypes.html). */
import { readU16, readU32 } from '../../../core/index.ts'
import { MAX_VLAN_TAGS } from './constants.ts'
import type { Packet } from './packet.ts'
import type { SkipReason } from './summary.ts'

const LINKTYPE_NULL = 0
const LINKTYPE_ETHERNET = 1
const LINKTYPE_RAW = 101
/** DLT_RAW of most systems and of OpenBSD, which some writers put into the file instead of 101. */
const DLT_RAW = 12
const DLT_RAW_OPENBSD = 14
const LINKTYPE_LOOP = 108
const LINKTYPE_LINUX_SLL = 113
const LINKTYPE_IPV4 = 228
const LINKTYPE_IPV6 = 229
const LINKTYPE_LINUX_SLL2 = 276

const ETHERTYPE_IPV4 = 0x0800
const ETHERTYPE_IPV6 = 0x86dd
/** 802.1Q, 802.1ad, and the value that was used for stacked tags before 802.1ad. */
const ETHERTYPE_VLAN = 0x8100
const ETHERTYPE_SERVICE_VLAN = 0x88a8
const ETHERTYPE_OLD_STACKED_VLAN = 0x9100

const AF_INET = 2
/** AF_INET6 of NetBSD and OpenBSD, of FreeBSD, and of Darwin. */
const AF_INET6: readonly number[] = [24, 28, 30]

/** Moves the packet to its IP header; gives the reason when there is none. */
export function readLinkLayer(packet: Packet): SkipReason | undefined {
  switch (packet.linkType) {
    case LINKTYPE_ETHERNET:
      return readEtherType(packet, 12)
    case LINKTYPE_LINUX_SLL:
      return readEtherType(packet, 14)
    case LINKTYPE_LINUX_SLL2:
      return readCookedV2(packet)
    case LINKTYPE_RAW:
    case DLT_RAW:
    case DLT_RAW_OPENBSD:
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6:
      return readRaw(packet)
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
      return readLoopback(packet)
    default:
      return 'link-type'
  }
}

/** Reads the EtherType at `offset`, with the VLAN tags it may stand for. */
function readEtherType(packet: Packet, offset: number): SkipReason | undefined {
  const { bytes, end } = packet
  let at = packet.at + offset
  if (at + 2 > end) return 'link-header'
  let etherType = readU16(bytes, at)
  for (let tags = 0; isVlanTag(etherType); tags++) {
    if (tags === MAX_VLAN_TAGS) return 'vlan-depth'
    at += 4
    if (at + 2 > end) return 'link-header'
    etherType = readU16(bytes, at)
  }
  packet.at = at + 2
  return takeEtherType(packet, etherType)
}

/** The protocol stands first, but tags of a VLAN follow the whole header. */
function readCookedV2(packet: Packet): SkipReason | undefined {
  const start = packet.at
  if (start + 20 > packet.end) return 'link-header'
  const etherType = readU16(packet.bytes, start)
  if (isVlanTag(etherType)) {
    packet.at = start + 20
    return readEtherType(packet, 2)
  }
  packet.at = start + 20
  return takeEtherType(packet, etherType)
}

function isVlanTag(etherType: number): boolean {
  return (
    etherType === ETHERTYPE_VLAN ||
    etherType === ETHERTYPE_SERVICE_VLAN ||
    etherType === ETHERTYPE_OLD_STACKED_VLAN
  )
}

function takeEtherType(packet: Packet, etherType: number): SkipReason | undefined {
  if (etherType === ETHERTYPE_IPV4) packet.ipVersion = 4
  else if (etherType === ETHERTYPE_IPV6) packet.ipVersion = 6
  else return 'not-ip'
  return undefined
}

function readRaw(packet: Packet): SkipReason | undefined {
  if (packet.at >= packet.end) return 'link-header'
  const version = (packet.bytes[packet.at] as number) >>> 4
  if (version !== 4 && version !== 6) return 'ip-header'
  packet.ipVersion = version
  return undefined
}

/** The family is in the byte order of the capturing machine for NULL, and big-endian for LOOP. */
function readLoopback(packet: Packet): SkipReason | undefined {
  const { bytes, at } = packet
  if (at + 4 > packet.end) return 'link-header'
  const big = readU32(bytes, at)
  // Families are small: the order that gives a small number is the right one.
  const family = big > 0xffff ? (bytes[at] as number) | ((bytes[at + 1] as number) << 8) : big
  packet.at = at + 4
  if (family === AF_INET) packet.ipVersion = 4
  else if (AF_INET6.includes(family)) packet.ipVersion = 6
  else return 'not-ip'
  return undefined
}
