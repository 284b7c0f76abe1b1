/**
 * A link over the one bidirectional stream of a QUIC connection (HTX section 2.2).
 *
 * QUIC lives in this process, not in the kernel, and closing a connection drops what the peer has not acknowledged.
 * So the dialler closes, and only when it knows that the acceptor has everything. The library has no call for that,
 * but the protocol tells: our listeners allow one stream, so leave to open a second one comes at the moment when the
 * acceptor has read our end and has seen its own acknowledged (RFC 9000 section 4.6). Nothing is sent on it.
 */
import { systemClock } from '../../core/index.ts'
import { BaseLink } from '../base-link.ts'
import { QUIC_READ_BYTES } from '../constants.ts'
import { linkLost } from '../socket/socket-errors.ts'
import type { QuicConnection, QuicStream } from './binding.ts'
import { WriteBatches } from './write-batches.ts'

/** So long without a STREAM frame, no lost one is waiting to be sent again; for peers that do not close. */
const QUIET_MS = 5_000

/** Longest wait for a peer that acknowledges nothing and yet stays. */
const MAX_FLUSH_MS = 120_000

const batches = new WriteBatches()

export class QuicLink extends BaseLink {
  readonly kind = 'quic'
  override readonly copies = true
  readonly #connection: QuicConnection
  readonly #stream: QuicStream
  readonly #onReleased: () => void
  readonly #closed: Promise<void>
  readonly #secondStream: Promise<'everything arrived' | 'no telling' | 'closed'>
  #finished = false
  #outgoing: Uint8Array[] = []
  /** Bytes of the first outgoing chunk that were written already. */
  #outgoingOffset = 0
  #writing = false
  #finishDue = false
  #reading = false
  #readLoopActive = false
  #connectionOpen = true
  #closing = false
  #released = false

  /** @param onReleased called once, when the link has let go of the connection */
  constructor(
    connection: QuicConnection,
    stream: QuicStream,
    role: 'dialler' | 'acceptor',
    localAddress: string,
    remoteAddress: string,
    onReleased: () => void,
  ) {
    super(localAddress, remoteAddress)
    this.#connection = connection
    this.#stream = stream
    this.#onReleased = onReleased
    const onClosed = (): void => this.#onConnectionClosed()
    this.#closed = connection.closed().then(onClosed, onClosed)
    // Leave that comes before our end says only that this listener allows more streams than ours do.
    this.#secondStream =
      role === 'acceptor'
        ? Promise.resolve('no telling')
        : connection.outboundStream().then(
            () => (this.#finished ? 'everything arrived' : 'no telling'),
            () => 'closed',
          )
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
        const batch = batches.take(this.queuedBytes)
        const filled = this.#fill(batch)
        await this.#stream.write(filled)
        batches.giveBack(batch)
        this.settle(filled.length)
      }
      if (this.#finishDue && !this.isOver) {
        this.#finishDue = false
        this.#finished = true
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

  /** Copies what waits into `batch` and returns the part that is filled. */
  #fill(batch: Uint8Array): Uint8Array {
    let bytes = 0
    let taken = 0
    while (taken < this.#outgoing.length && bytes < batch.length) {
      const chunk = this.#outgoing[taken] as Uint8Array
      const end = Math.min(chunk.length, this.#outgoingOffset + batch.length - bytes)
      batch.set(chunk.subarray(this.#outgoingOffset, end), bytes)
      bytes += end - this.#outgoingOffset
      this.#outgoingOffset = end === chunk.length ? 0 : end
      if (end === chunk.length) taken++
    }
    this.#outgoing.splice(0, taken)
    return batch.subarray(0, bytes)
  }

  #lose(cause: unknown): void {
    this.finish(linkLost(this.remoteAddress, cause))
    this.#letGo()
  }

  #onConnectionClosed(): void {
    this.#connectionOpen = false
    // While the peer has not ended there may be bytes to read, and reading then tells the reason. When both have
    // ended, `bothEnded` says how it went.
    if (this.isPeerEnded && !(this.isEnded && this.#isWritten)) this.finish(linkLost(this.remoteAddress))
    if (this.isOver) this.#letGo()
  }

  get #isWritten(): boolean {
    return !this.#writing && !this.#finishDue && this.#outgoing.length === 0
  }

  protected bothEnded(): void {
    // Once more from the write loop, when the last byte is in the library's hands.
    if (!this.#isWritten || this.#closing) return
    this.#closing = true
    void this.#awaitPeer().then((error) => {
      this.finish(error)
      this.#letGo()
    })
  }

  /** Resolves, with an error if bytes of ours may be lost, when the connection may be closed. */
  async #awaitPeer(): Promise<Error | undefined> {
    const patience = Promise.withResolvers<'no telling'>()
    const cancel = systemClock.schedule(MAX_FLUSH_MS, () => patience.resolve('no telling'))
    const answer = await Promise.race([this.#secondStream, patience.promise])
    cancel()
    if (answer === 'no telling') await this.#quiet()
    return answer === 'closed' ? linkLost(this.remoteAddress) : undefined
  }

  /** Resolves when the connection is gone or nothing has been sent on the stream for long. */
  async #quiet(): Promise<void> {
    let sent = -1
    for (let waitedMs = 0; this.#connectionOpen && waitedMs < MAX_FLUSH_MS; waitedMs += QUIET_MS) {
      const now = Number(this.#connection.stats().frameTxStream)
      if (now === sent) return
      sent = now
      const waited = Promise.withResolvers<void>()
      const cancel = systemClock.schedule(QUIET_MS, waited.resolve)
      await Promise.race([waited.promise, this.#closed])
      cancel()
    }
  }

  protected release(): void {
    // The owner stops waiting; what the library holds may still reach the peer.
    if (!this.#isWritten) this.#letGo()
    else if (!this.#closing) void this.#quiet().then(() => this.#letGo())
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
