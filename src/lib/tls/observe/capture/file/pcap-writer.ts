/** Writes classic captures with TCP over IPv4 over Ethernet (draft-ietf-opsawg-pcap), for demonstrations and measurements. */
import { fromHex, writeU16, writeU32 } from '../../../../core/index.ts'
import { PROTOCOL_TCP } from '../transport.ts'

/** Big-endian, microseconds, version 2.4, whole packets of up to 256 KiB, Ethernet. */
export const PCAP_HEADER: Uint8Array = fromHex('a1b2c3d400020004000000000000000000040000' + '00000001')

const RECORD_HEADER_BYTES = 16
const ETHERNET_BYTES = 14
const IPV4_BYTES = 20
const TCP_BYTES = 20
const MICROSECONDS = 1_000_000

const ETHERTYPE_IPV4 = 0x0800
const DONT_FRAGMENT = 0x4000
const TIME_TO_LIVE = 64
const WINDOW = 0xffff

export interface TcpEndpoint {
  /** IPv4, as a number. */
  readonly address: number
  readonly port: number
}

export interface TcpSegment {
  readonly src: TcpEndpoint
  readonly dst: TcpEndpoint
  /** Of the first payload byte, modulo 2^32. */
  readonly sequence: number
  /** Modulo 2^32. */
  readonly acknowledgement: number
  /** `TCP_SYN` and its like. */
  readonly flags: number
  /** At most 65,495 bytes. */
  readonly payload: Uint8Array
}

/** Bytes that a packet with this segment takes in a capture. */
export function pcapPacketBytes({ payload }: TcpSegment): number {
  return RECORD_HEADER_BYTES + ETHERNET_BYTES + IPV4_BYTES + TCP_BYTES + payload.length
}

/**
 * Writes a packet at `at`. Its checksums are 0, as where the network card fills them in.
 * @param timeUs since the epoch
 * @returns where it ends
 */
export function writePcapPacket(out: Uint8Array, at: number, segment: TcpSegment, timeUs: number): number {
  const end = at + pcapPacketBytes(segment)
  const ethernet = at + RECORD_HEADER_BYTES
  const ip = ethernet + ETHERNET_BYTES
  const tcp = ip + IPV4_BYTES
  out.fill(0, at, tcp + TCP_BYTES)
  writeU32(out, at, Math.floor(timeUs / MICROSECONDS))
  writeU32(out, at + 4, timeUs % MICROSECONDS)
  writeU32(out, at + 8, end - ethernet)
  writeU32(out, at + 12, end - ethernet)
  writeU16(out, ethernet + 12, ETHERTYPE_IPV4)
  out[ip] = 0x45
  writeU16(out, ip + 2, end - ip)
  writeU16(out, ip + 6, DONT_FRAGMENT)
  out[ip + 8] = TIME_TO_LIVE
  out[ip + 9] = PROTOCOL_TCP
  writeU32(out, ip + 12, segment.src.address)
  writeU32(out, ip + 16, segment.dst.address)
  writeU16(out, tcp, segment.src.port)
  writeU16(out, tcp + 2, segment.dst.port)
  writeU32(out, tcp + 4, segment.sequence >>> 0)
  writeU32(out, tcp + 8, segment.acknowledgement >>> 0)
  out[tcp + 12] = (TCP_BYTES / 4) << 4
  out[tcp + 13] = segment.flags
  writeU16(out, tcp + 14, WINDOW)
  out.set(segment.payload, tcp + TCP_BYTES)
  return end
}
