/** Hostile captures against everything between a file and the hellos in it. */
import { concat, type ErrorCode, equal, SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { type CaptureSink, type FoundHello, findHellos, readCapture } from '../../../src/lib/tls/index.ts'
import { CaptureHellos } from '../../../src/lib/tls/observe/find/capture-hellos.ts'
import {
  block,
  enhancedPacket,
  ethernet,
  interfaceBlock,
  ipv4,
  ipv6,
  obsoletePacket,
  pcap,
  type Segment,
  SYN,
  sectionHeader,
  simplePacket,
  tcpIpv4,
  timeResolution,
  udp,
} from '../../tls/observe/capture/capture-writer.ts'
import { pickOne } from '../session-mutation.ts'
import { codeOf, corrupt, fail, inPieces } from './corruption.ts'
import { dtlsHello, quicHello, shuffled } from './datagram-fuzz.ts'
import { inRecords, plausibleHello, plausibleServerHello } from './material.ts'

const CODES: readonly ErrorCode[] = ['E_MALFORMED', 'E_TOO_LARGE', 'E_UNSUPPORTED']

type Linked = readonly [linkType: number, wrap: (ip: Uint8Array, isIpv6: boolean) => Uint8Array]

/** Link types and what stands before the IP header. */
const LINKS: readonly Linked[] = [
  [1, (ip, isIpv6) => ethernet(isIpv6 ? '86dd' : '0800', ip)],
  [1, (ip, isIpv6) => ethernet(`8100000a88a80001${isIpv6 ? '86dd' : '0800'}`, ip)],
  [101, (ip) => ip],
  [113, (ip, isIpv6) => concat(new Uint8Array(14), Buffer.from(isIpv6 ? '86dd' : '0800', 'hex'), ip)],
  [276, (ip, isIpv6) => concat(Buffer.from(isIpv6 ? '86dd' : '0800', 'hex'), new Uint8Array(18), ip)],
  [0, (ip, isIpv6) => concat(Uint8Array.of(isIpv6 ? 28 : 2, 0, 0, 0), ip)],
]

interface Traffic {
  readonly linkType: number
  readonly packets: readonly Uint8Array[]
  /** Hellos of clients and servers in it. */
  readonly hellos: readonly Uint8Array[]
}

/** Connections of all kinds, their packets mixed; those of one connection behind its SYN in any order. */
function traffic(random: SeededRandom): Traffic {
  const [linkType, wrap] = pickOne(random, LINKS)
  const hellos: Uint8Array[] = []
  const flows = Array.from({ length: 1 + random.below(3) }, (_, i) => flow(random, 50_000 + i, wrap, hellos))
  const noise = Array.from({ length: random.below(3) }, () => strangePacket(random, wrap))
  return { linkType, packets: mixed(random, [...flows, noise]), hellos }
}

function flow(
  random: SeededRandom,
  port: number,
  wrap: Linked[1],
  hellos: Uint8Array[],
): readonly Uint8Array[] {
  if (random.chance(0.25)) {
    const { hello, datagrams } = random.chance(0.5) ? dtlsHello(random) : quicHello(random)
    hellos.push(hello)
    return datagrams.map((datagram) => wrap(ipv4(17, udp(port, 443, datagram)), false))
  }
  const isServer = random.chance(0.2)
  const hello = isServer ? plausibleServerHello(random) : plausibleHello(random)
  hellos.push(hello)
  const isIpv6 = random.chance(0.3)
  const isn = pickOne(random, [0, 1_000, 0xffff_ff00, random.uint32()])
  const [from, to] = isServer ? [443, port] : [port, 443]
  const packetOf = (segment: Segment): Uint8Array => {
    const packet = tcpIpv4({ from, to, ...segment })
    return wrap(isIpv6 ? ipv6(6, packet.subarray(20)) : packet, isIpv6)
  }
  const segments = segmentsOf(random, inRecords(random, hello), isn).map(packetOf)
  return [
    packetOf({ sequence: isn, flags: SYN }),
    ...(random.chance(0.5) ? shuffled(random, segments) : segments),
  ]
}

/** Pieces that cover the stream, overlap, and come twice. */
function segmentsOf(random: SeededRandom, stream: Uint8Array, isn: number): readonly Segment[] {
  const segments: Segment[] = []
  const step = Math.max(20, Math.ceil(stream.length / (1 + random.below(8))))
  for (let at = 0; at < stream.length; at += step) {
    const start = Math.max(0, at - random.below(10))
    const payload = stream.subarray(start, Math.min(at + step, start + 40_000))
    // What one packet can hold: the rest of a long step follows.
    segments.push({ sequence: isn + 1 + start, payload })
    for (let next = start + 40_000; next < at + step && next < stream.length; next += 40_000)
      segments.push({
        sequence: isn + 1 + next,
        payload: stream.subarray(next, Math.min(at + step, next + 40_000)),
      })
  }
  return random.chance(0.3) ? [...segments, pickOne(random, segments)] : segments
}

function strangePacket(random: SeededRandom, wrap: Linked[1]): Uint8Array {
  switch (random.below(5)) {
    case 0:
      return random.bytes(random.below(80))
    case 1:
      return wrap(ipv4(random.below(256), random.bytes(random.below(60))), false)
    case 2:
      return wrap(ipv6(pickOne(random, [0, 43, 44, 51, 60, 6]), random.bytes(random.below(60))), true)
    case 3:
      return wrap(ipv4(17, udp(1, 2, random.bytes(random.below(50)))), false)
    default:
      return wrap(random.bytes(random.below(60)), random.chance(0.5))
  }
}

/** The packets of all flows, each flow in its order. */
function mixed(random: SeededRandom, flows: readonly (readonly Uint8Array[])[]): readonly Uint8Array[] {
  const left = flows.map((packets) => [...packets])
  const out: Uint8Array[] = []
  for (;;) {
    const open = left.filter((packets) => packets.length > 0)
    if (open.length === 0) return out
    out.push(pickOne(random, open).shift() as Uint8Array)
  }
}

function asPcap(random: SeededRandom, { linkType, packets }: Traffic): Uint8Array {
  const style = { linkType, littleEndian: random.chance(0.5), nanoseconds: random.chance(0.3) }
  return pcap(
    packets.map((data) => ({ data, timeNs: BigInt(random.uint32()) * 1_000n })),
    style,
  )
}

function asPcapng(random: SeededRandom, { linkType, packets }: Traffic): Uint8Array {
  const isLittle = random.chance(0.5)
  const options = random.chance(0.5) ? timeResolution(random.below(256), isLittle) : new Uint8Array(0)
  const start = [
    sectionHeader(isLittle),
    interfaceBlock(linkType, 0, options, isLittle),
    interfaceBlock(linkType, 0, new Uint8Array(0), isLittle),
  ]
  const blocks = packets.map((data) => {
    const kind = random.below(8)
    // Written in the one byte order only.
    if (isLittle && kind === 0) return simplePacket(padded(data), data.length)
    if (isLittle && kind === 1) return obsoletePacket(1, 5n, padded(data))
    const packet = enhancedPacket(random.below(2), BigInt(random.uint32()), data, isLittle)
    return kind === 2
      ? concat(block(pickOne(random, [4, 5, 0xbad]), random.bytes(9), isLittle), packet)
      : packet
  })
  return concat(...start, ...blocks)
}

/** A length that needs no padding: the writers of old blocks add none. */
function padded(data: Uint8Array): Uint8Array {
  return concat(data, new Uint8Array(-data.length & 3))
}

interface Read {
  readonly hellos: readonly string[]
  readonly code: ErrorCode | undefined
  /** All of it as text. */
  readonly said: string
}

/** Reads with tables of a size that costs little to make; now and then as the command does. */
type Reader = (pieces: readonly Uint8Array[], onHello: (found: FoundHello) => void) => Promise<unknown>

const READERS: readonly Reader[] = [
  async (pieces, onHello) => {
    const hellos = new CaptureHellos(onHello)
    return [await readCapture(each(pieces), hellos, { maxConnections: 64 }), hellos.skips.list()]
  },
  async (pieces, onHello) => await findHellos(each(pieces), { onHello }),
]

async function read(reader: Reader, pieces: readonly Uint8Array[], input: Uint8Array): Promise<Read> {
  const found: FoundHello[] = []
  let code: ErrorCode | undefined
  let summary: unknown
  try {
    summary = await reader(pieces, (hello) => found.push(hello))
  } catch (error) {
    code = codeOf(error, CODES, input)
  }
  const hellos = found.map(({ message }) => toHex(message))
  const places = found.map(({ src, dst, packet, transport }) => [src, dst, packet, transport])
  return { hellos, code, said: JSON.stringify([hellos, places, code, summary]) }
}

async function* each(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield piece
}

async function fuzzCapture(
  random: SeededRandom,
  write: (random: SeededRandom, traffic: Traffic) => Uint8Array,
): Promise<void> {
  const carried = traffic(random)
  const whole = write(random, carried)
  const reader = READERS[random.chance(0.05) ? 1 : 0] as Reader
  switch (random.below(5)) {
    case 0: {
      const { hellos, code } = await read(reader, inPieces(random, whole), whole)
      const lost = code !== undefined || hellos.toSorted().join() !== carried.hellos.map(toHex).sort().join()
      if (lost) fail(`hellos that were lost: ${hellos.length} of ${carried.hellos.length}, ${code}`, whole)
      return
    }
    case 1:
      return await expectPrefix(reader, whole, whole.subarray(0, random.below(whole.length)))
    default: {
      const bytes = corrupt(random, whole)
      const [once, pieces] = [
        await read(reader, [bytes], bytes),
        await read(reader, inPieces(random, bytes), bytes),
      ]
      if (once.said !== pieces.said)
        fail(`another reading when the bytes come in pieces: ${once.said} and ${pieces.said}`, bytes)
    }
  }
}

/** A capture that is cut gives what stands before the cut, and no error once there is a header. */
async function expectPrefix(reader: Reader, whole: Uint8Array, cut: Uint8Array): Promise<void> {
  const [all, some] = [await read(reader, [whole], whole), await read(reader, [cut], cut)]
  if (some.hellos.join() !== all.hellos.slice(0, some.hellos.length).join())
    fail('hellos that are not in the whole capture', cut)
  if (cut.length >= 28 && some.code !== undefined) fail(`a cut capture is an error ${some.code}`, cut)
}

export async function fuzzPcap(seed: number): Promise<void> {
  await fuzzCapture(new SeededRandom(seed), asPcap)
}

export async function fuzzPcapng(seed: number): Promise<void> {
  await fuzzCapture(new SeededRandom(seed), asPcapng)
}

const TCP_LIMITS = { maxStreamBytes: 1_000, maxHeldBytes: 20_000, maxConnections: 8 }

/**
 * Segments without end, with holes, doubles, restarts and more connections than are remembered: what is delivered of
 * a direction is a stretch of what its sender wrote, and never more than allowed.
 */
export async function fuzzReassembly(seed: number): Promise<void> {
  const random = new SeededRandom(seed)
  const isn = random.uint32()
  const starts = new Map<number, readonly number[]>()
  const next = new Map<number, number>()
  const segments = Array.from({ length: 10 + random.below(60) }, (): Segment => {
    const from = 50_000 + random.below(12)
    if (random.chance(0.2)) return { from, sequence: isn, flags: SYN }
    const known = starts.get(from) ?? [0]
    // Mostly what follows, so that streams get long.
    const isNext = random.chance(0.6)
    const offset = isNext ? (next.get(from) ?? 0) : random.below(pickOne(random, [1_500, 100_000]))
    const payload = writtenBy(from).subarray(offset, offset + random.below(400))
    starts.set(from, [...known, offset])
    if (isNext) next.set(from, offset + payload.length)
    return { from, sequence: isn + 1 + offset, payload }
  })
  const capture = pcap(
    segments.map((segment) => ({ data: tcpIpv4(segment) })),
    { linkType: 101 },
  )
  const streams = new Map<object, Uint8Array>()
  const sink: CaptureSink = {
    onStream(flow, bytes) {
      const stream = concat(streams.get(flow) ?? new Uint8Array(0), bytes)
      streams.set(flow, stream)
      if (stream.length > TCP_LIMITS.maxStreamBytes) fail('more than is ever delivered', capture)
      return 'more'
    },
    onStreamEnd(flow) {
      const stream = streams.get(flow) ?? new Uint8Array(0)
      streams.delete(flow)
      const written = writtenBy(flow.srcPort)
      const isSent = (start: number): boolean => equal(stream, written.subarray(start, start + stream.length))
      if (starts.get(flow.srcPort)?.some(isSent) !== true) fail('bytes that nobody sent', capture)
    },
    onDatagram: () => {},
  }
  const { packets } = await readCapture(each(inPieces(random, capture)), sink, TCP_LIMITS)
  if (packets !== segments.length || streams.size > 0) fail('streams that never end', capture)
}

const WRITTEN = new Map<number, Uint8Array>()

/** All that a sender writes: a few bytes in a row tell where they stand. */
function writtenBy(port: number): Uint8Array {
  const written = WRITTEN.get(port) ?? new SeededRandom(port).bytes(101_000)
  WRITTEN.set(port, written)
  return written
}
