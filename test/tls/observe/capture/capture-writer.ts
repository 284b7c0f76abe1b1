/** Captures and packets written by hand from the format documents, independent of the reader. */

export interface Written {
  readonly data: Uint8Array
  /** Nanoseconds since 1970. */
  readonly timeNs?: bigint
  /** Length on the wire, when more than was captured. */
  readonly originalBytes?: number
}

export interface PcapStyle {
  readonly littleEndian?: boolean
  readonly nanoseconds?: boolean
  readonly linkType?: number
}

/** draft-ietf-opsawg-pcap. */
export function pcap(packets: readonly Written[], style: PcapStyle = {}): Uint8Array {
  const { littleEndian = true, nanoseconds = false, linkType = 1 } = style
  const u32 = integers(littleEndian)
  const header = Buffer.concat([
    u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    littleEndian ? Buffer.of(2, 0, 4, 0) : Buffer.of(0, 2, 0, 4),
    u32(0),
    u32(0),
    u32(262_144),
    u32(linkType),
  ])
  const records = packets.flatMap(({ data, timeNs = 0n, originalBytes }) => [
    u32(Number(timeNs / 1_000_000_000n)),
    u32(Number(timeNs % 1_000_000_000n) / (nanoseconds ? 1 : 1_000)),
    u32(data.length),
    u32(originalBytes ?? data.length),
    data,
  ])
  return Buffer.concat([header, ...records])
}

/** One block of pcapng with its body padded to 32 bits. */
export function block(type: number, body: Uint8Array, littleEndian = true): Uint8Array {
  const u32 = integers(littleEndian)
  const padding = Buffer.alloc(-body.length & 3)
  const length = u32(12 + body.length + padding.length)
  return Buffer.concat([u32(type), length, body, padding, length])
}

export function sectionHeader(littleEndian = true): Uint8Array {
  const u32 = integers(littleEndian)
  const version = littleEndian ? Buffer.of(1, 0, 0, 0) : Buffer.of(0, 1, 0, 0)
  return block(0x0a0d0d0a, Buffer.concat([u32(0x1a2b3c4d), version, Buffer.alloc(8, 0xff)]), littleEndian)
}

/** @param options encoded options, padded, without the end of options */
export function interfaceBlock(
  linkType: number,
  snapshotBytes = 0,
  options: Uint8Array = Buffer.alloc(0),
  littleEndian = true,
): Uint8Array {
  const u32 = integers(littleEndian)
  const link = littleEndian
    ? Buffer.of(linkType & 0xff, linkType >> 8)
    : Buffer.of(linkType >> 8, linkType & 0xff)
  return block(1, Buffer.concat([link, Buffer.alloc(2), u32(snapshotBytes), options]), littleEndian)
}

/** Option 9: a negative power of ten, or of two with the highest bit set. */
export function timeResolution(value: number, littleEndian = true): Uint8Array {
  const [code, length] = littleEndian
    ? [Buffer.of(9, 0), Buffer.of(1, 0)]
    : [Buffer.of(0, 9), Buffer.of(0, 1)]
  return Buffer.concat([code, length, Buffer.of(value, 0, 0, 0)])
}

/** Option 14, in seconds. */
export function timeOffset(seconds: bigint): Uint8Array {
  const value = Buffer.alloc(8)
  value.writeBigInt64LE(seconds)
  return Buffer.concat([Buffer.of(14, 0, 8, 0), value])
}

export function enhancedPacket(
  interfaceNumber: number,
  ticks: bigint,
  data: Uint8Array,
  littleEndian = true,
): Uint8Array {
  const u32 = integers(littleEndian)
  const body = [u32(interfaceNumber), u32(Number(ticks >> 32n)), u32(Number(ticks & 0xffffffffn))]
  return block(6, Buffer.concat([...body, u32(data.length), u32(data.length), pad(data)]), littleEndian)
}

export function obsoletePacket(interfaceNumber: number, ticks: bigint, data: Uint8Array): Uint8Array {
  const u32 = integers(true)
  const body = [
    Buffer.of(interfaceNumber, 0, 0xff, 0xff),
    u32(Number(ticks >> 32n)),
    u32(Number(ticks & 0xffffffffn)),
  ]
  return block(2, Buffer.concat([...body, u32(data.length), u32(data.length), data]))
}

/** @param originalBytes length on the wire; the data may be shorter */
export function simplePacket(data: Uint8Array, originalBytes = data.length): Uint8Array {
  return block(3, Buffer.concat([integers(true)(originalBytes), data]))
}

export interface Segment {
  readonly from?: number
  readonly to?: number
  readonly sequence: number
  readonly flags?: number
  readonly payload?: Uint8Array
}

export const SYN = 0x02
export const FIN = 0x01
export const ACK = 0x10

/** IPv4 from 10.0.0.1 to 10.0.0.2, or back when the source port is the smaller one. */
export function tcpIpv4({ from = 50_000, to = 443, sequence, flags = ACK, payload }: Segment): Uint8Array {
  const data = payload ?? Buffer.alloc(0)
  const tcp = Buffer.alloc(20)
  tcp.writeUInt16BE(from, 0)
  tcp.writeUInt16BE(to, 2)
  tcp.writeUInt32BE(sequence >>> 0, 4)
  tcp[12] = 0x50
  tcp[13] = flags
  return ipv4(6, Buffer.concat([tcp, data]), from > to)
}

export function udp(from: number, to: number, payload: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8)
  header.writeUInt16BE(from, 0)
  header.writeUInt16BE(to, 2)
  header.writeUInt16BE(8 + payload.length, 4)
  return Buffer.concat([header, payload])
}

export function ipv4(protocol: number, payload: Uint8Array, isForward = true): Uint8Array {
  const header = Buffer.from('450000000000400040000000', 'hex')
  header.writeUInt16BE(20 + payload.length, 2)
  header[9] = protocol
  const [low, high] = [Buffer.of(10, 0, 0, 1), Buffer.of(10, 0, 0, 2)]
  return Buffer.concat([header, isForward ? low : high, isForward ? high : low, payload])
}

/** @param payload extension headers and what follows; `next` is the kind of the first one */
export function ipv6(
  next: number,
  payload: Uint8Array,
  source = '20010db8000000000000000000000001',
): Uint8Array {
  const header = Buffer.from('6000000000000040', 'hex')
  header.writeUInt16BE(payload.length, 4)
  header[6] = next
  const destination = '20010db8000100000000000000000002'
  return Buffer.concat([header, Buffer.from(source + destination, 'hex'), payload])
}

/** @param etherType with tags in front of it when it is longer than 2 bytes */
export function ethernet(etherType: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`020000000002020000000001${etherType}`, 'hex'), payload])
}

/** A capture of segments on Ethernet. */
export function tcpCapture(segments: readonly Segment[]): Uint8Array {
  return pcap(segments.map((segment) => ({ data: ethernet('0800', tcpIpv4(segment)) })))
}

function pad(data: Uint8Array): Uint8Array {
  return Buffer.concat([data, Buffer.alloc(-data.length & 3)])
}

function integers(littleEndian: boolean): (value: number) => Buffer {
  return (value) => {
    const out = Buffer.alloc(4)
    if (littleEndian) out.writeUInt32LE(value)
    else out.writeUInt32BE(value)
    return out
  }
}
