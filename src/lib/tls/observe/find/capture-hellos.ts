/** The hellos in the traffic of a capture. */

import type { HelloTransport } from '../../fingerprint/ja4.ts'
import { HelloStream } from '../../hello/hello-stream.ts'
import type { CaptureFlow, CaptureSink } from '../capture/index.ts'
import { DtlsHellos } from '../dtls/hellos.ts'
import { QuicHellos } from '../quic/hellos.ts'
import { SkipCounts } from '../skip-counts.ts'
import { type FoundHello, readHello } from './found-hello.ts'

/** First byte of a DTLS handshake record. */
const DTLS_HANDSHAKE = 22
/** Both highest bits: the long header of QUIC, and its fixed bit. */
const QUIC_LONG_HEADER = 0xc0

export class CaptureHellos implements CaptureSink {
  readonly skips = new SkipCounts()
  readonly #onHello: (found: FoundHello) => void
  readonly #streams = new Map<CaptureFlow, HelloStream>()
  readonly #quic = new QuicHellos()
  readonly #dtls = new DtlsHellos()

  constructor(onHello: (found: FoundHello) => void) {
    this.#onHello = onHello
  }

  onStream(flow: CaptureFlow, bytes: Uint8Array, packet: number): 'more' | 'enough' {
    const stream = this.#streams.get(flow) ?? new HelloStream()
    for (const message of stream.push(bytes)) this.#found(message, 'tcp', flow, packet)
    if (!stream.isDone) {
      this.#streams.set(flow, stream)
      return 'more'
    }
    if (stream.fault !== undefined && stream.fault !== 'no-hello') this.skips.add(stream.fault, packet)
    this.#streams.delete(flow)
    return 'enough'
  }

  onStreamEnd(flow: CaptureFlow): void {
    this.#streams.delete(flow)
  }

  onDatagram(flow: CaptureFlow, bytes: Uint8Array, packet: number): void {
    const first = bytes[0] as number
    if (first === DTLS_HANDSHAKE && bytes[1] === 0xfe) {
      this.#datagram(this.#dtls.datagram(keyOf(flow), bytes), 'dtls', flow, packet)
    } else if ((first & QUIC_LONG_HEADER) === QUIC_LONG_HEADER) {
      this.#datagram(this.#quic.datagram(keyOf(flow), bytes), 'quic', flow, packet)
    }
  }

  #datagram(
    { messages, skips }: { readonly messages: readonly Uint8Array[]; readonly skips: readonly string[] },
    transport: HelloTransport,
    flow: CaptureFlow,
    packet: number,
  ): void {
    for (const message of messages) this.#found(message, transport, flow, packet)
    // Datagrams of servers are no hellos that were missed.
    for (const reason of skips) if (reason !== 'from-server') this.skips.add(`${transport}-${reason}`, packet)
  }

  #found(message: Uint8Array, transport: HelloTransport, flow: CaptureFlow, packet: number): void {
    const found = readHello(message, transport, {
      src: endpoint(flow, flow.src, flow.srcPort),
      dst: endpoint(flow, flow.dst, flow.dstPort),
      packet,
    })
    if (found === undefined) this.skips.add('malformed-hello', packet)
    else this.#onHello(found)
  }
}

/** Both directions have it: a client and its server share the secrets of QUIC. */
function keyOf({ connection }: CaptureFlow): number {
  return connection
}

function endpoint({ ipVersion }: CaptureFlow, address: string, port: number): string {
  return ipVersion === 4 ? `${address}:${port}` : `[${address}]:${port}`
}
