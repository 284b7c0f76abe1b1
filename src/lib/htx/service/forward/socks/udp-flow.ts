/** Datagrams between one client and one target, over a stream of the service `udp`. */
import type { Clock } from '../../../../core/index.ts'
import { ByteReader } from '../../byte-reader.ts'
import type { RawStream } from '../../relay.ts'
import { FLOW_QUEUE_MOST, UDP_ANSWER_MS, UDP_WAITING_MOST } from '../constants.ts'
import { encodeDatagram, readDatagram } from '../datagrams.ts'
import type { OpenStream } from '../opening/open-stream.ts'
import { type Target, targetParams } from '../target.ts'

export interface FlowHandler {
  datagram(data: Uint8Array): void
  /** The stream is over; with the reason when it never began. */
  ended(error?: Error): void
}

export interface FlowOptions {
  /** Its signal aborts when the flow is over: nobody waits for the stream any more. */
  readonly open: OpenStream
  readonly clock: Clock
}

export class UdpFlow {
  readonly #clock: Clock
  readonly #handler: FlowHandler
  #stream: RawStream | undefined
  /** What came before the peer had answered. */
  #queue: Uint8Array[] = []
  /** When the target was last sent something that it has not answered. */
  #askedAt: number | undefined
  readonly #over = new AbortController()

  constructor(target: Target, { open, clock }: FlowOptions, handler: FlowHandler) {
    this.#clock = clock
    this.#handler = handler
    void this.#run(target, open)
  }

  get #isOver(): boolean {
    return this.#over.signal.aborted
  }

  /** Somebody still waits for the peer or for the target, and not in vain as far as one can tell. */
  get isAwaited(): boolean {
    if (this.#stream === undefined) return true
    return this.#askedAt !== undefined && this.#clock.now() - this.#askedAt < UDP_ANSWER_MS
  }

  /** Never waits: what does not fit is dropped, which a router on the way may do as well. */
  send(data: Uint8Array): void {
    const stream = this.#stream
    this.#askedAt = this.#clock.now()
    if (stream !== undefined) {
      if (stream.writable && stream.writableLength < UDP_WAITING_MOST) stream.write(encodeDatagram(data))
    } else if (this.#queue.length < FLOW_QUEUE_MOST) this.#queue.push(data.slice())
  }

  /**
   * Lets nothing more through and ends the stream, once the peer has answered if need be. It is not reset: a session
   * whose peer resets many young streams is taken for an attack and ended.
   */
  end(): void {
    this.#over.abort()
    this.#queue = []
    this.#stream?.end()
  }

  async #run(target: Target, open: OpenStream): Promise<void> {
    try {
      const stream = await open('udp', targetParams(target), { signal: this.#over.signal })
      this.#stream = stream
      const reader = new ByteReader(stream)
      for (const data of this.#queue) stream.write(encodeDatagram(data))
      this.#queue = []
      if (this.#isOver) stream.end()
      for (;;) {
        const data = await readDatagram(reader)
        if (data === undefined) break
        this.#askedAt = undefined
        if (!this.#isOver) this.#handler.datagram(data)
      }
      stream.end()
      this.#handler.ended()
    } catch (error) {
      const began = this.#stream !== undefined
      this.#stream?.destroy()
      this.#handler.ended(began || this.#isOver ? undefined : (error as Error))
    }
  }
}
