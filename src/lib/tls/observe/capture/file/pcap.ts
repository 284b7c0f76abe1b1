/** Classic capture files: both byte orders, microseconds and nanoseconds (draft-ietf-opsawg-pcap). */
import { AivError, readU32 } from '../../../../core/index.ts'
import type { Packet } from '../packet.ts'
import { pcapMagic, readU16As, readU32As } from './format.ts'
import type { RecordParser } from './record-carry.ts'

const FILE_HEADER_BYTES = 24
const PACKET_HEADER_BYTES = 16
const MAJOR_VERSION = 2
/** Link type without the bits that speak of a frame check sequence. */
const LINK_TYPE_MASK = 0xffff

export class PcapParser implements RecordParser {
  readonly #packet: Packet
  readonly #onPacket: () => void
  readonly #maxPacketBytes: number
  #hasHeader = false
  #littleEndian = false
  #nanoseconds = false
  #linkType = 0

  /** `onPacket` is called with `packet` filled. */
  constructor(packet: Packet, onPacket: () => void, maxPacketBytes: number) {
    this.#packet = packet
    this.#onPacket = onPacket
    this.#maxPacketBytes = maxPacketBytes
  }

  /** @throws AivError `E_MALFORMED`, `E_UNSUPPORTED`, `E_TOO_LARGE` with the packet number */
  parse(bytes: Uint8Array, at: number, end: number): number {
    return this.#hasHeader ? this.#parsePacket(bytes, at, end) : this.#parseFileHeader(bytes, at, end)
  }

  #parseFileHeader(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < FILE_HEADER_BYTES) return -FILE_HEADER_BYTES
    const magic = pcapMagic(readU32(bytes, at))
    if (magic === undefined) throw new AivError('E_MALFORMED', 'not a capture file')
    this.#littleEndian = magic.littleEndian
    this.#nanoseconds = magic.nanoseconds
    const major = readU16As(bytes, at + 4, magic.littleEndian)
    if (major !== MAJOR_VERSION)
      throw new AivError('E_UNSUPPORTED', `version ${major} of the capture format is unknown`)
    this.#linkType = readU32As(bytes, at + 20, magic.littleEndian) & LINK_TYPE_MASK
    this.#hasHeader = true
    return FILE_HEADER_BYTES
  }

  #parsePacket(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < PACKET_HEADER_BYTES) return -PACKET_HEADER_BYTES
    const packet = this.#packet
    const littleEndian = this.#littleEndian
    const captured = readU32As(bytes, at + 8, littleEndian)
    if (captured > this.#maxPacketBytes)
      throw new AivError(
        'E_TOO_LARGE',
        `packet ${packet.number + 1} has ${captured} bytes, more than ${this.#maxPacketBytes}`,
      )
    const length = PACKET_HEADER_BYTES + captured
    if (end - at < length) return -length
    const fraction = readU32As(bytes, at + 4, littleEndian)
    packet.timeUs =
      readU32As(bytes, at, littleEndian) * 1_000_000 +
      (this.#nanoseconds ? Math.floor(fraction / 1_000) : fraction)
    packet.number++
    packet.linkType = this.#linkType
    packet.bytes = bytes
    packet.at = at + PACKET_HEADER_BYTES
    packet.end = at + length
    packet.isShort = false
    this.#onPacket()
    return length
  }
}
