/** pcapng captures: sections of either byte order, interfaces, and the three kinds of packet block (draft-ietf-opsawg-pcapng). */
import { AivError, readU32 } from '../../../../core/index.ts'
import { MAX_BLOCK_BYTES, MAX_INTERFACES } from '../constants.ts'
import type { Packet } from '../packet.ts'
import type { SkipReason } from '../summary.ts'
import { PCAPNG_SECTION_HEADER, readU16As, readU32As } from './format.ts'
import type { RecordParser } from './record-carry.ts'
import { microsecondsOf, type ToMicroseconds } from './timestamp.ts'

const INTERFACE_DESCRIPTION = 1
const OBSOLETE_PACKET = 2
const SIMPLE_PACKET = 3
const ENHANCED_PACKET = 6

/** Type and length in front, length once more behind. */
const BLOCK_OVERHEAD_BYTES = 12
const SECTION_HEADER_BYTES = 28
const INTERFACE_BYTES = 20
const SIMPLE_PACKET_BYTES = 16
/** Enhanced and obsolete packet blocks without data. */
const PACKET_BYTES = 32
const PACKET_DATA_AT = 28

const BYTE_ORDER_BIG = 0x1a2b3c4d
const BYTE_ORDER_LITTLE = 0x4d3c2b1a
const MAJOR_VERSION = 1

const OPTION_END = 0
const OPTION_TSRESOL = 9
const OPTION_TSOFFSET = 14
/** Microseconds, when `if_tsresol` is absent. */
const DEFAULT_RESOLUTION = 6

interface Interface {
  readonly linkType: number
  /** Longest packet that is kept; 0 for no limit. */
  readonly snapshotBytes: number
  readonly toMicroseconds: ToMicroseconds
}

export class PcapngParser implements RecordParser {
  readonly #packet: Packet
  readonly #onPacket: () => void
  readonly #onSkip: (reason: SkipReason) => void
  readonly #maxPacketBytes: number
  #littleEndian = false
  #hasSection = false
  #interfaces: Interface[] = []

  /** `onPacket` is called with `packet` filled, `onSkip` with its number only. */
  constructor(
    packet: Packet,
    onPacket: () => void,
    onSkip: (reason: SkipReason) => void,
    maxPacketBytes: number,
  ) {
    this.#packet = packet
    this.#onPacket = onPacket
    this.#onSkip = onSkip
    this.#maxPacketBytes = maxPacketBytes
  }

  /** @throws AivError `E_MALFORMED`, `E_UNSUPPORTED`, `E_TOO_LARGE` with the packet number */
  parse(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < BLOCK_OVERHEAD_BYTES) return -BLOCK_OVERHEAD_BYTES
    if (readU32(bytes, at) === PCAPNG_SECTION_HEADER) return this.#parseSection(bytes, at, end)
    if (!this.#hasSection) throw new AivError('E_MALFORMED', 'not a capture file')
    const type = readU32As(bytes, at, this.#littleEndian)
    const length = this.#blockLength(bytes, at, BLOCK_OVERHEAD_BYTES)
    switch (type) {
      case INTERFACE_DESCRIPTION:
        return this.#parseWhole(bytes, at, end, length, INTERFACE_BYTES, this.#takeInterface)
      case ENHANCED_PACKET:
        return this.#parseWhole(bytes, at, end, length, PACKET_BYTES, this.#takeEnhanced)
      case OBSOLETE_PACKET:
        return this.#parseWhole(bytes, at, end, length, PACKET_BYTES, this.#takeObsolete)
      case SIMPLE_PACKET:
        return this.#parseWhole(bytes, at, end, length, SIMPLE_PACKET_BYTES, this.#takeSimple)
      default:
        return length
    }
  }

  #parseSection(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < SECTION_HEADER_BYTES) return -SECTION_HEADER_BYTES
    const order = readU32(bytes, at + 8)
    if (order !== BYTE_ORDER_BIG && order !== BYTE_ORDER_LITTLE)
      throw this.#malformed('the section header has no byte order')
    this.#littleEndian = order === BYTE_ORDER_LITTLE
    const major = readU16As(bytes, at + 12, this.#littleEndian)
    if (major !== MAJOR_VERSION)
      throw new AivError('E_UNSUPPORTED', `version ${major} of the pcapng format is unknown`)
    this.#hasSection = true
    this.#interfaces = []
    return this.#blockLength(bytes, at, SECTION_HEADER_BYTES)
  }

  #blockLength(bytes: Uint8Array, at: number, least: number): number {
    const length = readU32As(bytes, at + 4, this.#littleEndian)
    if (length < least || length % 4 !== 0) throw this.#malformed(`a block of ${length} bytes`)
    return length
  }

  #parseWhole(
    bytes: Uint8Array,
    at: number,
    end: number,
    length: number,
    least: number,
    take: (bytes: Uint8Array, at: number, length: number) => void,
  ): number {
    if (length < least) throw this.#malformed(`a block of ${length} bytes`)
    if (length > MAX_BLOCK_BYTES) throw this.#tooLarge(`a block of ${length} bytes`)
    if (end - at < length) return -length
    if (readU32As(bytes, at + length - 4, this.#littleEndian) !== length)
      throw this.#malformed('the two lengths of a block differ')
    take(bytes, at, length)
    return length
  }

  readonly #takeInterface = (bytes: Uint8Array, at: number, length: number): void => {
    if (this.#interfaces.length === MAX_INTERFACES)
      throw this.#tooLarge(`more than ${MAX_INTERFACES} interfaces`)
    const littleEndian = this.#littleEndian
    let resolution = DEFAULT_RESOLUTION
    let offsetSeconds = 0n
    const end = at + length - 4
    let option = at + 16
    while (option + 4 <= end) {
      const code = readU16As(bytes, option, littleEndian)
      const valueBytes = readU16As(bytes, option + 2, littleEndian)
      const value = option + 4
      if (code === OPTION_END) break
      if (value + valueBytes > end) throw this.#malformed('an option reaches beyond its block')
      if (code === OPTION_TSRESOL && valueBytes === 1) resolution = bytes[value] as number
      if (code === OPTION_TSOFFSET && valueBytes === 8) offsetSeconds = this.#readI64(bytes, value)
      option = value + ((valueBytes + 3) & ~3)
    }
    this.#interfaces.push({
      linkType: readU16As(bytes, at + 8, littleEndian),
      snapshotBytes: readU32As(bytes, at + 12, littleEndian),
      toMicroseconds: microsecondsOf(resolution, offsetSeconds),
    })
  }

  #readI64(bytes: Uint8Array, at: number): bigint {
    return new DataView(bytes.buffer, bytes.byteOffset).getBigInt64(at, this.#littleEndian)
  }

  readonly #takeEnhanced = (bytes: Uint8Array, at: number, length: number): void => {
    this.#takePacket(bytes, at, length, readU32As(bytes, at + 8, this.#littleEndian))
  }

  /** As an enhanced packet, but half of the interface number counts drops. */
  readonly #takeObsolete = (bytes: Uint8Array, at: number, length: number): void => {
    this.#takePacket(bytes, at, length, readU16As(bytes, at + 8, this.#littleEndian))
  }

  #takePacket(bytes: Uint8Array, at: number, length: number, interfaceNumber: number): void {
    const littleEndian = this.#littleEndian
    const captured = readU32As(bytes, at + 20, littleEndian)
    this.#checkCaptured(captured, length - PACKET_BYTES)
    const source = this.#interfaces[interfaceNumber]
    if (source !== undefined)
      this.#packet.timeUs = source.toMicroseconds(
        readU32As(bytes, at + 12, littleEndian),
        readU32As(bytes, at + 16, littleEndian),
      )
    this.#emit(bytes, at + PACKET_DATA_AT, captured, source)
  }

  /** No length of its own: the whole packet, or as much of it as the first interface keeps. */
  readonly #takeSimple = (bytes: Uint8Array, at: number, length: number): void => {
    const source = this.#interfaces[0]
    const original = readU32As(bytes, at + 8, this.#littleEndian)
    const snapshotBytes = source?.snapshotBytes ?? 0
    const captured = snapshotBytes === 0 ? original : Math.min(original, snapshotBytes)
    this.#checkCaptured(captured, length - SIMPLE_PACKET_BYTES)
    this.#packet.timeUs = 0
    this.#emit(bytes, at + 12, captured, source)
  }

  #checkCaptured(captured: number, available: number): void {
    if (captured > this.#maxPacketBytes)
      throw this.#tooLarge(`${captured} bytes, more than ${this.#maxPacketBytes}`)
    if (captured > available) throw this.#malformed('a packet reaches beyond its block')
  }

  #emit(bytes: Uint8Array, at: number, captured: number, source: Interface | undefined): void {
    const packet = this.#packet
    packet.number++
    if (source === undefined) {
      this.#onSkip('unknown-interface')
      return
    }
    packet.linkType = source.linkType
    packet.bytes = bytes
    packet.at = at
    packet.end = at + captured
    packet.isShort = false
    this.#onPacket()
  }

  #malformed(what: string): AivError {
    return new AivError('E_MALFORMED', `packet ${this.#packet.number + 1}: ${what}`)
  }

  #tooLarge(what: string): AivError {
    return new AivError('E_TOO_LARGE', `packet ${this.#packet.number + 1}: ${what}`)
  }
}
