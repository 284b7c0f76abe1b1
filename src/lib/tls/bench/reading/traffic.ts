/** TLS connections as they pass a router: hellos, bulk data in encrypted records, some segments twice or out of order. */
import { EMPTY, type SeededRandom } from '../../../core/index.ts'
import { TCP_ACK, TCP_FIN, TCP_SYN, type TcpEndpoint, type TcpSegment } from '../../observe/capture/index.ts'
import { BULK_DOUBLINGS, BULK_LEAST_BYTES, SEGMENT_BYTES } from '../constants.ts'

export interface ShownSegment {
  readonly segment: TcpSegment
  /** Whose hello is whole with this segment. */
  readonly completes?: 'client' | 'server'
}

/** The records of both hellos. */
export interface HelloRecords {
  readonly client: Uint8Array
  readonly server: Uint8Array
}

const HTTPS = 443
/** 10.0.0.0/8 for the clients, 192.0.2.0/24 for the servers. */
const CLIENTS = 0x0a000000
const SERVERS = 0xc0000200
const FIRST_PORT = 1_024
const PORTS = 60_000
const DATA_RECORD_HEADER = Uint8Array.of(0x17, 3, 3, 0x40, 0)
/** A receiver acknowledges every second segment (RFC 9293 section 3.8.6.3). */
const ACKNOWLEDGED_EVERY = 2
/** Of bulk segments one in this many comes behind the next one. */
const SWAPPED_EVERY = 64
const UPLOAD_EVERY = 8

/** How the segments of a client's hello come, connection by connection. */
const ARRIVALS: readonly ((first: TcpSegment, second: TcpSegment) => readonly TcpSegment[])[] = [
  (first, second) => [first, second],
  (first, second) => [second, first],
  (first, second) => [first, second],
  (first, second) => [first, retransmitted(first, second)],
  (first, second) => [first, second],
  (first, second) => [first, first, second],
]

/**
 * All segments of one connection.
 * @param index tells it from the others, 0 to 2^24
 * @param noise stands for encrypted data; longer than a segment
 */
export function* connectionTraffic(
  index: number,
  records: HelloRecords,
  noise: Uint8Array,
  random: SeededRandom,
): Generator<ShownSegment, void, void> {
  const client = new Endpoint(CLIENTS + index, FIRST_PORT + random.below(PORTS), random.uint32())
  const server = new Endpoint(SERVERS + (index % 256), HTTPS, random.uint32())
  yield { segment: client.send(server, EMPTY, TCP_SYN) }
  yield { segment: server.send(client, EMPTY, TCP_SYN | TCP_ACK) }
  yield { segment: client.send(server, EMPTY) }
  yield* completing('client', arranged(client.sendAll(server, records.client), index))
  yield { segment: server.send(client, EMPTY) }
  yield* completing('server', server.sendAll(client, records.server))
  const [sender, receiver] = index % UPLOAD_EVERY === 0 ? [client, server] : [server, client]
  for (const segment of bulk(sender, receiver, noise, random)) yield { segment }
  yield { segment: client.send(server, EMPTY, TCP_FIN | TCP_ACK) }
  yield { segment: server.send(client, EMPTY, TCP_FIN | TCP_ACK) }
}

/** The last segment is one that nothing before it makes superfluous. */
function* completing(
  side: 'client' | 'server',
  segments: readonly TcpSegment[],
): Generator<ShownSegment, void, void> {
  for (const [i, segment] of segments.entries())
    yield i === segments.length - 1 ? { segment, completes: side } : { segment }
}

function arranged(segments: readonly TcpSegment[], index: number): readonly TcpSegment[] {
  const [first, second, ...others] = segments
  if (first === undefined || second === undefined) return segments
  const arrange = ARRIVALS[index % ARRIVALS.length] as (typeof ARRIVALS)[number]
  return [...others, ...arrange(first, second)]
}

/** Begins in the middle of what was there, and goes beyond it. */
function retransmitted(first: TcpSegment, second: TcpSegment): TcpSegment {
  const half = first.payload.length >>> 1
  const payload = new Uint8Array(first.payload.length - half + second.payload.length)
  payload.set(first.payload.subarray(half))
  payload.set(second.payload, first.payload.length - half)
  return { ...first, sequence: first.sequence + half, payload }
}

function* bulk(
  sender: Endpoint,
  receiver: Endpoint,
  noise: Uint8Array,
  random: SeededRandom,
): Generator<TcpSegment, void, void> {
  yield sender.send(receiver, DATA_RECORD_HEADER)
  const length = BULK_LEAST_BYTES * 2 ** random.below(BULK_DOUBLINGS)
  let late: TcpSegment | undefined
  for (let at = 0, count = 0; at < length; at += SEGMENT_BYTES, count++) {
    const from = random.below(noise.length - SEGMENT_BYTES)
    const segment = sender.send(receiver, noise.subarray(from, from + SEGMENT_BYTES))
    if (late === undefined && random.chance(1 / SWAPPED_EVERY)) {
      late = segment
      continue
    }
    yield segment
    if (late !== undefined) yield late
    late = undefined
    if (count % ACKNOWLEDGED_EVERY === 0) yield receiver.send(sender, EMPTY)
  }
  if (late !== undefined) yield late
}

class Endpoint implements TcpEndpoint {
  readonly address: number
  readonly port: number
  #next: number

  constructor(address: number, port: number, next: number) {
    this.address = address
    this.port = port
    this.#next = next
  }

  send(peer: Endpoint, payload: Uint8Array, flags = TCP_ACK): TcpSegment {
    const segment = {
      src: this,
      dst: peer,
      sequence: this.#next,
      acknowledgement: peer.#next,
      flags,
      payload,
    }
    const takesNumber = (flags & (TCP_SYN | TCP_FIN)) !== 0
    this.#next += payload.length + (takesNumber ? 1 : 0)
    return segment
  }

  sendAll(peer: Endpoint, bytes: Uint8Array): TcpSegment[] {
    const segments: TcpSegment[] = []
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES)
      segments.push(this.send(peer, bytes.subarray(at, at + SEGMENT_BYTES)))
    return segments
  }
}
