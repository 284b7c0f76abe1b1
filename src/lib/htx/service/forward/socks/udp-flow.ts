/** Datagrams between one client and one target, over a stream of the service `udp`. */
import { AivError } from '../../../../core/index.ts'
import { ByteReader } from '../../byte-reader.ts'
import type { RawStream } from '../../relay.ts'
import { FLOW_QUEUE_MOST, UDP_WAITING_MOST } from '../constants.ts'
import { encodeDatagram, readDatagram } from '../datagrams.ts'
import type { OpenStream } from '../opening/open-stream.ts'
import { type Target, targetParams } from '../target.ts'

export interface FlowHandler {
  datagram(data: Uint8Array): void
  /** The flow takes nothing more; with the reason when it never began. */
  ended(error?: Error): void
}

export class UdpFlow {
  readonly #over = new AbortController()
  readonly #handler: FlowHandler
  #stream: RawStream | undefined
  /** What came before the peer had answered. */
  #queue: Uint8Array[] = []

  constructor(target: Target, open: OpenStream, handler: FlowHandler) {
    this.#handler = handler
    void this.#run(target, open)
  }

  /** Never waits: what does not fit is dropped, which a router on the way may do as well. */
  send(data: Uint8Array): void {
    const stream = this.#stream
    if (stream !== undefined) {
      if (!stream.destroyed && stream.writableLength < UDP_WAITING_MOST) stream.write(encodeDatagram(data))
    } else if (this.#queue.length < FLOW_QUEUE_MOST) this.#queue.push(data.slice())
  }

  close(): void {
    this.#over.abort(new AivError('E_ABORTED', 'the flow of datagrams was closed'))
    this.#stream?.destroy()
  }

  async #run(target: Target, open: OpenStream): Promise<void> {
    let began = false
    try {
      const stream = await open('udp', targetParams(target), { signal: this.#over.signal })
      began = true
      const reader = new ByteReader(stream)
      this.#stream = stream
      for (const data of this.#queue) stream.write(encodeDatagram(data))
      this.#queue = []
      for (;;) {
        const data = await readDatagram(reader)
        if (data === undefined || this.#over.signal.aborted) break
        this.#handler.datagram(data)
      }
      stream.end()
      this.#handler.ended()
    } catch (error) {
      this.#stream?.destroy()
      this.#handler.ended(began || this.#over.signal.aborted ? undefined : (error as Error))
    }
  }
}
