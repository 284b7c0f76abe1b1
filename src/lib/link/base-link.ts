/**
 * The part of a {@link Link} that does not depend on the transport: who may call what when, order and count of the
 * handler's calls, the queue account and the lingering close. A transport overrides the hooks at the end and reports
 * through `receive`, `receiveEnd`, `settle` and `finish`.
 */
import { AivError, systemClock, type TimerClock } from '../core/index.ts'
import { LINGER_MS, LOW_WATER_MARK_BYTES } from './constants.ts'
import type { Link, LinkHandler, LinkKind } from './link.ts'

export abstract class BaseLink implements Link {
  abstract readonly kind: LinkKind
  readonly copies: boolean = false
  readonly localAddress: string
  readonly remoteAddress: string

  readonly #clock: TimerClock
  #handler: LinkHandler | undefined
  #queuedBytes = 0
  #takenBytes = 0
  #lowWaterMark = LOW_WATER_MARK_BYTES
  #drainDue = false
  #paused = false
  #reading = false
  /** Bytes that the transport delivered although we are paused; bounded by what one I/O callback can bring. */
  #inbox: Uint8Array[] = []
  #ended = false
  #peerEnded = false
  #peerEndDelivered = false
  #discarding = false
  #aborted = false
  /** The transport is gone; only `close` is left to deliver. */
  #over = false
  #closed = false
  #closeError: Error | undefined
  #cancelLinger: (() => void) | undefined

  constructor(localAddress: string, remoteAddress: string, clock: TimerClock = systemClock) {
    this.localAddress = localAddress
    this.remoteAddress = remoteAddress
    this.#clock = clock
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  get takenBytes(): number {
    return this.#takenBytes
  }

  get lowWaterMark(): number {
    return this.#lowWaterMark
  }

  set lowWaterMark(bytes: number) {
    this.#lowWaterMark = bytes
    if (this.#queuedBytes > bytes) this.#drainDue = true
  }

  attach(handler: LinkHandler): void {
    if (this.#handler !== undefined) throw new AivError('E_INTERNAL', 'the link already has an owner')
    this.#handler = handler
    if (this.#over) this.defer(() => this.#deliver())
    else this.#updateReading()
  }

  write(chunks: readonly Uint8Array[]): void {
    if (this.#ended || this.#aborted || this.#closed)
      throw new AivError('E_LINK_CLOSED', 'nothing can be written to a link that was ended')
    // The transport broke and `close` is on its way: the owner could not know, so this is not its mistake.
    if (this.#over) return
    let bytes = 0
    for (const chunk of chunks) bytes += chunk.length
    if (bytes === 0) return
    this.#queuedBytes += bytes
    if (this.#queuedBytes > this.#lowWaterMark) this.#drainDue = true
    this.transmit(chunks, bytes)
  }

  pause(): void {
    this.#paused = true
    this.#updateReading()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    // Deferred, so that an owner that resumes inside `data` is not called again before it returned.
    this.defer(() => this.#deliver())
    this.#updateReading()
  }

  end(): void {
    if (this.#ended || this.#over) return
    this.#ended = true
    this.transmitEnd()
    this.#noticeBothEnds()
  }

  close(lingerMs: number = LINGER_MS): void {
    if (this.#discarding || this.#aborted || this.#closed) return
    this.#discarding = true
    this.#inbox = []
    if (this.#over) {
      this.defer(() => this.#deliver())
      return
    }
    this.end()
    this.#updateReading()
    this.#cancelLinger = this.#clock.schedule(lingerMs, () => {
      const unsent = this.#queuedBytes
      this.release()
      this.finish(
        unsent > 0
          ? new AivError('E_LINK_LOST', `the peer did not take the last ${unsent} bytes`)
          : undefined,
      )
    })
  }

  abort(): void {
    if (this.#aborted || this.#closed) return
    this.#aborted = true
    if (!this.#over) {
      this.#over = true
      this.#settleAccounts()
      this.reset()
    }
    this.#inbox = []
    this.#closeError ??= new AivError('E_ABORTED', 'the link was aborted')
    this.defer(() => this.#deliver())
  }

  /** The transport has the next bytes of the peer. */
  protected receive(chunk: Uint8Array): void {
    if (this.#over || this.#discarding) return
    if (this.#paused || this.#inbox.length > 0) this.#inbox.push(chunk)
    else this.#handler?.data(chunk)
  }

  /** The transport has seen the clean end of the peer's direction. */
  protected receiveEnd(): void {
    if (this.#over || this.#peerEnded) return
    this.#peerEnded = true
    this.#deliver()
    this.#noticeBothEnds()
  }

  /** The transport has accepted `bytes` of the queue. Called from I/O callbacks only, never from microtasks. */
  protected settle(bytes: number): void {
    if (this.#over) return
    this.#queuedBytes -= bytes
    this.#takenBytes += bytes
    if (!this.#drainDue || this.#queuedBytes > this.#lowWaterMark) return
    this.#drainDue = false
    if (!this.#discarding) this.#handler?.drain()
  }

  /** The transport is gone: with an error when it broke, without when both directions had ended. */
  protected finish(error?: Error): void {
    if (this.#over) return
    this.#over = true
    this.#settleAccounts()
    this.#closeError = error
    if (error !== undefined) this.#inbox = []
    this.#deliver()
  }

  /** True once `end`, `close` or `abort` was called. */
  protected get isEnded(): boolean {
    return this.#ended || this.#aborted
  }

  /** True once the peer's clean end was received. */
  protected get isPeerEnded(): boolean {
    return this.#peerEnded
  }

  protected get isOver(): boolean {
    return this.#over
  }

  #settleAccounts(): void {
    this.#queuedBytes = 0
    this.#cancelLinger?.()
  }

  #updateReading(): void {
    const wanted = !this.#over && (this.#discarding || (this.#handler !== undefined && !this.#paused))
    if (wanted === this.#reading) return
    this.#reading = wanted
    if (wanted) this.startReading()
    else this.stopReading()
  }

  #noticeBothEnds(): void {
    if (this.#ended && this.#peerEnded && !this.#over) this.bothEnded()
  }

  /** Delivers what is due, in order: waiting bytes, the peer's end, the close. */
  #deliver(): void {
    const handler = this.#handler
    if (handler === undefined || this.#closed) return
    let at = 0
    while (!this.#paused && at < this.#inbox.length) {
      handler.data(this.#inbox[at++] as Uint8Array)
      // The handler may have aborted or closed the link, which replaced the inbox.
      if (this.#inbox.length === 0) at = 0
    }
    this.#inbox.splice(0, at)
    const silent = this.#discarding || this.#aborted || this.#closeError !== undefined
    if (this.#peerEnded && !this.#peerEndDelivered && !silent && !this.#paused) {
      this.#peerEndDelivered = true
      handler.end()
    }
    const undelivered = !silent && (this.#inbox.length > 0 || (this.#peerEnded && !this.#peerEndDelivered))
    if (!this.#over || this.#closed || undelivered) return
    this.#closed = true
    handler.close(this.#closeError)
  }

  /** Runs `task` after the current callback, through the event loop. */
  protected defer(task: () => void): void {
    setImmediate(task)
  }

  /** Starts or restarts the flow of `receive`. */
  protected abstract startReading(): void
  /** Stops reading from the transport. What arrives nevertheless goes to the inbox. */
  protected abstract stopReading(): void
  /** Sends `chunks` (`bytes` in all, never 0) and calls `settle` as the transport takes them. */
  protected abstract transmit(chunks: readonly Uint8Array[], bytes: number): void
  /** Sends the end of our direction after everything queued. */
  protected abstract transmitEnd(): void
  /** Both ends are known; the transport may be closed in order and `finish` called. */
  protected abstract bothEnded(): void
  /** Lets go of the transport without an abnormal sign to the peer where the transport has such a way. */
  protected abstract release(): void
  /** Lets go of the transport at once; the peer should see an abnormal end. */
  protected abstract reset(): void
}
