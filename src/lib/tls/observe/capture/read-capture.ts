/** From a capture file or pipe to TCP streams and UDP datagrams. Memory stays flat however long it is. */
import { AivError } from '../../../core/index.ts'
import { SkipCounts } from '../skip-counts.ts'
import { MAX_CONNECTIONS, MAX_HELD_BYTES, MAX_PACKET_BYTES, MAX_STREAM_BYTES } from './constants.ts'
import { sniffCaptureFormat } from './file/format.ts'
import { PcapParser } from './file/pcap.ts'
import { PcapngParser } from './file/pcapng.ts'
import { RecordCarry, type RecordParser } from './file/record-carry.ts'
import { readIp } from './ip.ts'
import { readLinkLayer } from './link-layer.ts'
import { Packet } from './packet.ts'
import type { CaptureSink } from './sink.ts'
import { ConnectionTable } from './streams/connection-table.ts'
import { Flow } from './streams/flow.ts'
import { TcpStreams } from './streams/tcp-streams.ts'
import type { CaptureSummary, SkipReason } from './summary.ts'
import { PROTOCOL_TCP, PROTOCOL_UDP, readTcpHeader, readUdpHeader } from './transport.ts'

export interface CaptureOptions {
  /** A longer packet ends the reading with an error. Default 262,144 bytes. */
  readonly maxPacketBytes?: number
  /** Bytes delivered of one TCP direction. Default 65,536. */
  readonly maxStreamBytes?: number
  /** Connections remembered, of TCP and of UDP each. Default 65,536. */
  readonly maxConnections?: number
  /** Bytes held for reassembly, all connections together. Default 32 MiB. */
  readonly maxHeldBytes?: number
  /** Looked at after each chunk. */
  readonly signal?: AbortSignal
}

/**
 * Reads a pcap or pcapng capture and gives the sink what it carries, in order of the packets.
 *
 * A capture that is cut anywhere gives all whole packets and a summary that says so. A fault in the file's own
 * structure is an error; a packet that cannot be read is counted in the summary.
 * @param chunks the capture, in pieces of any length; a piece may be reused once the next one is asked for
 * @throws AivError `E_MALFORMED` (also for input that is no capture), `E_UNSUPPORTED`, `E_TOO_LARGE`, `E_ABORTED`;
 * what stood before the fault has been delivered
 */
export async function readCapture(
  chunks: AsyncIterable<Uint8Array>,
  sink: CaptureSink,
  options: CaptureOptions = {},
): Promise<CaptureSummary> {
  const reader = new CaptureReader(sink, options)
  for await (const chunk of chunks) {
    if (options.signal?.aborted === true)
      throw new AivError('E_ABORTED', 'reading the capture was interrupted', { cause: options.signal.reason })
    reader.push(chunk)
    const drained = sink.afterChunk?.()
    if (drained !== undefined) await drained
  }
  return reader.close()
}

class CaptureReader implements RecordParser {
  readonly #sink: CaptureSink
  readonly #maxPacketBytes: number
  readonly #packet = new Packet()
  readonly #skips = new SkipCounts<SkipReason>()
  readonly #carry = new RecordCarry(this)
  readonly #tcp: TcpStreams
  readonly #udp: ConnectionTable<Flow>
  #format: 'pcap' | 'pcapng' | undefined
  #parser: RecordParser | undefined
  #bytes = 0

  constructor(sink: CaptureSink, options: CaptureOptions) {
    this.#sink = sink
    this.#maxPacketBytes = options.maxPacketBytes ?? MAX_PACKET_BYTES
    const maxConnections = options.maxConnections ?? MAX_CONNECTIONS
    this.#tcp = new TcpStreams(
      { sink, maxStreamBytes: options.maxStreamBytes ?? MAX_STREAM_BYTES, onSkip: this.#skip },
      { maxConnections, maxHeldBytes: options.maxHeldBytes ?? MAX_HELD_BYTES },
    )
    // A UDP flow holds nothing: to forget it loses nothing but its number.
    this.#udp = new ConnectionTable<Flow>('udp', maxConnections, () => {})
  }

  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length
    this.#carry.push(chunk)
  }

  close(): CaptureSummary {
    if (this.#format === undefined) throw notACapture()
    this.#tcp.close()
    return {
      format: this.#format,
      packets: this.#packet.number,
      bytes: this.#bytes,
      cut: this.#carry.isWithinRecord,
      skipped: this.#skips.list(),
      tcpConnections: this.#tcp.connections,
      udpConnections: this.#udp.created,
    }
  }

  parse(bytes: Uint8Array, at: number, end: number): number {
    if (this.#parser === undefined) {
      if (end - at < 4) return -4
      this.#parser = this.#choose(bytes.subarray(at, at + 4))
    }
    return this.#parser.parse(bytes, at, end)
  }

  #choose(start: Uint8Array): RecordParser {
    this.#format = sniffCaptureFormat(start)
    if (this.#format === 'pcap') return new PcapParser(this.#packet, this.#read, this.#maxPacketBytes)
    if (this.#format === 'pcapng')
      return new PcapngParser(this.#packet, this.#read, this.#skip, this.#maxPacketBytes)
    throw notACapture()
  }

  readonly #skip = (reason: SkipReason): void => {
    this.#skips.add(reason, this.#packet.number)
  }

  readonly #read = (): void => {
    const packet = this.#packet
    const reason = readLinkLayer(packet) ?? readIp(packet) ?? this.#readTransport(packet)
    if (reason !== undefined) this.#skip(reason)
  }

  #readTransport(packet: Packet): SkipReason | undefined {
    if (packet.protocol === PROTOCOL_TCP) return this.#readTcp(packet)
    if (packet.protocol === PROTOCOL_UDP) return this.#readUdp(packet)
    return 'not-tcp-or-udp'
  }

  #readTcp(packet: Packet): SkipReason | undefined {
    const reason = readTcpHeader(packet)
    if (reason !== undefined) return reason
    this.#tcp.push(packet)
    return packet.isShort ? 'snapshot-length' : undefined
  }

  #readUdp(packet: Packet): SkipReason | undefined {
    const reason = readUdpHeader(packet)
    if (reason !== undefined) return reason
    const connection = this.#udp.take(packet)
    let flow = this.#udp.isForward ? connection.forward : connection.backward
    if (flow === undefined) {
      flow = new Flow(connection, this.#udp.isForward)
      if (this.#udp.isForward) connection.forward = flow
      else connection.backward = flow
    }
    if (packet.at < packet.end)
      this.#sink.onDatagram(flow, packet.bytes.subarray(packet.at, packet.end), packet.number, packet.timeUs)
    return undefined
  }
}

function notACapture(): AivError {
  return new AivError('E_MALFORMED', 'not a pcap or pcapng capture')
}
