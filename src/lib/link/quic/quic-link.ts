/**
 * A link over the one bidirectional stream of a QUIC connection (HTX section 2.2).
 *
 * QUIC lives in this process, not in the kernel, and closing a connection drops what the peer has not acknowledged.
 * So when both directions have ended, the link waits until nothing is sent any more before it closes.
 */
import { systemClock } from '../../core/index.ts'
import { BaseLink } from '../base-link.ts'
import { QUIC_READ_BYTES, QUIC_WRITE_BYTES } from '../constants.ts'
import { linkLost } from '../socket/socket-errors.ts'
import type { QuicConnection, QuicStream } from './binding.ts'

/** Shortest time without a sent STREAM frame that counts as "all acknowledged"; covers the peer's delayed ACK. */
const QUIET_MS = 50

/** Longest pause between two looks, as the library's retransmissions space out. */
const MAX_QUIET_MS = 5_000

/** Longest wait for a peer that acknowledges nothing and yet stays. */
const MAX_FLUSH_MS = 120_000

export class QuicLink extends BaseLink {
  readonly kind = 'quic'
  readonly #connection: QuicConnection
  readonly #stream: QuicStream
  readonly #onReleased: () => void
  #outgoing: Uint8Array[] = []
  #writing = false
  #finishDue = false
  #reading = false
  #readLoopActive = false
  #connectionOpen = true
  #flushed: Promise<void> | undefined
  #released = false

  /** @param onReleased called once, when the link has let go of the connection */
  constructor(
    connection: QuicConnection,
    stream: QuicStream,
    localAddress: string,
    remoteAddress: string,
    onReleased: () => void,
  ) {
    super(localAddress, remoteAddress)
    this.#connection = connection
    this.#stream = stream
    this.#onReleased = onReleased
    const onClosed = (): void => this.#onConnectionClosed()
    connection.closed().then(onClosed, onClosed)
  }

  protected startReading(): void {
    this.#reading = true
    if (!this.#readLoopActive) void this.#readLoop()
  }

  protected stopReading(): void {
    this.#reading = false
  }

  async #readLoop(): Promise<void> {
    this.#readLoopActive = true
    try {
      while (this.#reading && !this.isOver && !this.isPeerEnded) {
        const chunk = await this.#stream.read(QUIC_READ_BYTES)
        if (chunk === null) this.receiveEnd()
        else this.receive(chunk)
      }
    } catch (error) {
      this.#lose(error)
    } finally {
      this.#readLoopActive = false
    }
  }

  protected transmit(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) if (chunk.length > 0) this.#outgoing.push(chunk)
    this.#startWriting()
  }

  protected transmitEnd(): void {
    this.#finishDue = true
    this.#startWriting()
  }

  #startWriting(): void {
    if (this.#writing) return
    this.#writing = true
    // Deferred to the end of the callback, so that many small writes become one.
    process.nextTick(() => void this.#writeLoop())
  }

  /** One `write` at a time: the library does not keep the order of concurrent ones. */
  async #writeLoop(): Promise<void> {
    try {
      while (this.#outgoing.length > 0 && !this.isOver) {
        const batch = this.#takeBatch()
        await this.#stream.write(batch)
        this.settle(batch.length)
      }
      if (this.#finishDue && !this.isOver) {
        this.#finishDue = false
        await this.#stream.finishWrite()
      }
    } catch (error) {
      this.#lose(error)
    } finally {
      this.#writing = false
    }
    if (!this.isOver && (this.#outgoing.length > 0 || this.#finishDue)) this.#startWriting()
    else if (this.isEnded && this.isPeerEnded) this.bothEnded()
  }

  /** The next chunk, or a run of small ones joined: each call of the library crosses two threads. */
  #takeBatch(): Uint8Array {
    const first = this.#outgoing[0] as Uint8Array
    let count = 1
    let bytes = first.length
    for (; count < this.#outgoing.length; count++) {
      const next = (this.#outgoing[count] as Uint8Array).length
      if (bytes + next > QUIC_WRITE_BYTES) break
      bytes += next
    }
    const run = this.#outgoing.splice(0, count)
    if (run.length === 1) return first
    const batch = new Uint8Array(bytes)
    let at = 0
    for (const chunk of run) {
      batch.set(chunk, at)
      at += chunk.length
    }
    return batch
  }

  #lose(cause: unknown): void {
    this.finish(linkLost(this.remoteAddress, cause))
    this.#letGo()
  }

  #onConnectionClosed(): void {
    this.#connectionOpen = false
    const sentAll = this.isEnded && this.#outgoing.length === 0 && !this.#writing
    // While the peer has not ended, a paused link still has bytes to read, and reading then tells the reason.
    if (this.isPeerEnded) this.finish(sentAll ? undefined : linkLost(this.remoteAddress))
    if (this.isOver) this.#letGo()
  }

  protected bothEnded(): void {
    // Once more from the write loop, when the last byte is in the library's hands.
    if (this.#writing || this.#outgoing.length > 0 || this.#finishDue) return
    this.#flushed ??= this.#flush()
    void this.#flushed.then(() => {
      this.finish()
      this.#letGo()
    })
  }

  /**
   * Waits until the peer has everything: it closed the connection, or no STREAM frame was sent for longer than a lost
   * one would take to be sent again. The library tells no more than how many it sent.
   */
  async #flush(): Promise<void> {
    let sent = -1
    let waitMs = 3 * this.#connection.rtt() + QUIET_MS
    for (let waitedMs = 0; this.#connectionOpen && waitedMs < MAX_FLUSH_MS; waitedMs += waitMs) {
      const now = Number(this.#connection.stats().frameTxStream)
      if (now === sent) return
      // Retransmissions back off, each about twice as long as the one before.
      if (sent !== -1) waitMs = Math.min(waitMs * 2, MAX_QUIET_MS)
      sent = now
      await new Promise<void>((resolve) => systemClock.schedule(waitMs, resolve))
    }
  }

  protected release(): void {
    // The owner stops waiting; what the library holds may still reach the peer.
    if (this.#writing || this.#outgoing.length > 0) {
      this.#letGo()
      return
    }
    this.#flushed ??= this.#flush()
    void this.#flushed.then(() => this.#letGo())
  }

  protected reset(): void {
    this.#letGo()
  }

  #letGo(): void {
    if (this.#released) return
    this.#released = true
    this.#outgoing = []
    this.#connection.abort()
    this.#onReleased()
  }
}
