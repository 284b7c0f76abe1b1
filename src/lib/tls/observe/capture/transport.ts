/** TCP (RFC 9293) and UDP (RFC 768) headers: from the transport header to the payload. */
import { readU16, readU32 } from '../../../core/index.ts'
import type { Packet } from './packet.ts'
import type { SkipReason } from './summary.ts'

export const PROTOCOL_TCP = 6
export const PROTOCOL_UDP = 17

export const TCP_FIN = 0x01
export const TCP_SYN = 0x02
export const TCP_ACK = 0x10

const TCP_HEADER_BYTES = 20
const UDP_HEADER_BYTES = 8

/** Moves the packet to the payload of its TCP segment; gives the reason when there is none. */
export function readTcpHeader(packet: Packet): SkipReason | undefined {
  const { bytes, at, end } = packet
  if (end - at < TCP_HEADER_BYTES) return 'tcp-header'
  const headerBytes = ((bytes[at + 12] as number) >>> 4) * 4
  if (headerBytes < TCP_HEADER_BYTES || at + headerBytes > end) return 'tcp-header'
  packet.sourcePort = readU16(bytes, at)
  packet.destinationPort = readU16(bytes, at + 2)
  packet.sequence = readU32(bytes, at + 4)
  packet.tcpFlags = bytes[at + 13] as number
  packet.at = at + headerBytes
  return undefined
}

/** Moves the packet to the payload of its datagram; gives the reason when it is not there whole. */
export function readUdpHeader(packet: Packet): SkipReason | undefined {
  const { bytes, at, end } = packet
  if (end - at < UDP_HEADER_BYTES) return 'udp-header'
  const length = readU16(bytes, at + 4)
  if (length < UDP_HEADER_BYTES) return 'udp-header'
  // A part of a datagram is of no use: its last bytes hold the tag that proves the rest.
  if (at + length > end) return packet.isShort ? 'snapshot-length' : 'udp-header'
  packet.sourcePort = readU16(bytes, at)
  packet.destinationPort = readU16(bytes, at + 2)
  packet.at = at + UDP_HEADER_BYTES
  packet.end = at + length
  return undefined
}
