/** A hello in a capture, whatever the order of its TCP segments. */
import { type DemoCheck, EMPTY, equal } from '../../../core/index.ts'
import {
  encodeClientHello,
  findHellos,
  HelloBuilder,
  ja4,
  PCAP_HEADER,
  pcapPacketBytes,
  TCP_ACK,
  TCP_SYN,
  type TcpSegment,
  templateOfVersion,
  writePcapPacket,
} from '../../../tls/index.ts'

const CLIENT = { address: 0xc0000201, port: 50_000 }
const SERVER = { address: 0xc6336401, port: 443 }
/** The first byte of the hello has the number 0: the numbers wrap within a connection that began here. */
const FIRST_SEQUENCE = 0xffff_ffff
/** A piece of a capture as it comes from a pipe: smaller than a packet, and no divisor of one. Bytes. */
const PIECE_BYTES = 97

interface Found {
  readonly hellos: readonly Uint8Array[]
  readonly ja4: string | undefined
}

/** The hello has 1,700 bytes and more: three segments of 600, and a rest. */
export async function showReassembly(): Promise<DemoCheck> {
  const { record } = new HelloBuilder(templateOfVersion('chrome', 'latest')).build({ host: 'example.com' })
  const syn = segment(FIRST_SEQUENCE, EMPTY, TCP_SYN)
  const [a, b, c] = [part(record, 0, 600), part(record, 600, 1200), part(record, 1200, record.length)]
  const overlapping = part(record, 300, 900)
  const inOrder = await read([syn, a, b, c])
  const mixed = await read([syn, c, overlapping, c, b, a])
  const incomplete = await read([syn, c, overlapping, b])
  const [one] = inOrder.hellos
  const [other] = mixed.hellos
  return {
    name: 'segments out of order, doubled and overlapping give the same hello, and none while one is missing',
    passed:
      one !== undefined &&
      other !== undefined &&
      equal(one, other) &&
      equal(one, record.subarray(record.length - one.length)) &&
      incomplete.hellos.length === 0,
    detail: `${mixed.ja4 ?? 'none'}, ${record.length} bytes`,
  }
}

function part(record: Uint8Array, start: number, end: number): TcpSegment {
  return segment(start, record.subarray(start, end), TCP_ACK)
}

function segment(sequence: number, payload: Uint8Array, flags: number): TcpSegment {
  return { src: CLIENT, dst: SERVER, sequence, acknowledgement: 0, flags, payload }
}

async function read(segments: readonly TcpSegment[]): Promise<Found> {
  const hellos: Uint8Array[] = []
  let name: string | undefined
  await findHellos(pieces(captureOf(segments)), {
    onHello: ({ kind, hello, transport }) => {
      if (kind !== 'client') return
      hellos.push(encodeClientHello(hello))
      name = ja4(hello, transport).ja4
    },
  })
  return { hellos, ja4: name }
}

function captureOf(segments: readonly TcpSegment[]): Uint8Array {
  const length = segments.reduce((sum, each) => sum + pcapPacketBytes(each), PCAP_HEADER.length)
  const capture = new Uint8Array(length)
  capture.set(PCAP_HEADER)
  let at = PCAP_HEADER.length
  for (const [i, each] of segments.entries()) at = writePcapPacket(capture, at, each, i)
  return capture
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}
