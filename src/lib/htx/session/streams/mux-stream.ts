/**
 * One stream of a session (section 6.1): two directions that end each on its own, by FIN, or by RESET on the sending
 * and STOP on the receiving side. The session owns the wire; the stream owns its state, a part for each direction, and
 * tells its owner.
 */
import { AivError } from '../../../core/index.ts'
import { CODE, codeName, malformed, type SessionEnd } from '../../codes.ts'
import type { StreamFlags, StreamFrame, StreamId } from '../../frames/index.ts'
import { ReceiveWindow } from './receive-window.ts'
import { type ReceiveAccount, ReceivingPart } from './receiving-part.ts'
import { type SendAccount, SendingPart } from './sending-part.ts'

/** What the owner of a stream is told. No call comes before `attach`. */
export interface StreamHandler {
  /** Data in order. Each byte must be given back with `consumed` once the application has taken it. */
  data(chunks: readonly Uint8Array[], bytes: number): void
  /** The peer finished its direction cleanly. */
  finished(): void
  /** The peer aborted its direction with this code: what was not delivered is lost. */
  reset(code: number): void
  /** The peer will not read any more; our direction has been reset with the same code. */
  stopped(code: number): void
  /** `write` may be called again after it had returned false. */
  writable(): void
  /** Last call: both directions have ended, or the session has (`end` says why). */
  closed(end: SessionEnd | undefined): void
}

/** What a stream asks of its session. */
export interface StreamPort extends SendAccount, ReceiveAccount {
  /** Data, FIN or OPEN is waiting. */
  schedule(stream: MuxStream): void
  sendFlags(stream: MuxStream, flags: StreamFlags): void
  /** True where the peer cannot be told to stop: it gets credit for what is thrown away. */
  readonly grantsAfterStop: boolean
  /** A WINDOW_UPDATE of this stream is due. */
  creditDue(stream: MuxStream): void
  closed(stream: MuxStream): void
}

export interface MuxStreamOptions {
  readonly id: StreamId
  readonly byPeer: boolean
  readonly weight: number
  readonly sendCredit: number
  readonly receiveWindow: number
  readonly highWater: number
  readonly now: number
  readonly port: StreamPort
}

export class MuxStream {
  readonly id: StreamId
  readonly byPeer: boolean
  readonly openedAt: number
  /** 1..255; the share of the link relative to other streams. */
  weight: number
  /** Deficit of the scheduler, bytes. */
  deficit = 0
  /** In the ring of the scheduler. */
  scheduled = false
  /** OPEN has been sealed, or came from the peer. */
  announced: boolean
  readonly #port: StreamPort
  readonly #sending: SendingPart
  readonly #receiving: ReceivingPart
  #handler: StreamHandler | undefined
  #accepted: boolean
  /** Code of the peer's STOP, for an owner who attaches later. */
  #stopCode: number | undefined
  #closed = false
  #end: SessionEnd | undefined

  constructor(options: MuxStreamOptions) {
    this.id = options.id
    this.byPeer = options.byPeer
    this.announced = options.byPeer
    this.openedAt = options.now
    this.weight = options.weight
    this.#port = options.port
    this.#sending = new SendingPart(options.sendCredit, options.highWater, options.port)
    const window = new ReceiveWindow(options.receiveWindow, options.now)
    this.#receiving = new ReceivingPart(options.id, window, options.port)
    this.#accepted = !options.byPeer
  }

  get isClosed(): boolean {
    return this.#closed
  }

  /** False while a stream of the peer waits in the accept backlog. */
  get accepted(): boolean {
    return this.#accepted
  }

  /** We have asked the peer to stop: a RESET of its direction answers that. */
  get isStopped(): boolean {
    return this.#receiving.isStopped
  }

  get queuedBytes(): number {
    return this.#sending.queuedBytes
  }

  /** Bytes the peer still allows. */
  get credit(): number {
    return this.#sending.credit
  }

  /** What the peer may send. */
  get window(): ReceiveWindow {
    return this.#receiving.window
  }

  /** Names the owner; what arrived before is delivered first. */
  attach(handler: StreamHandler): void {
    this.#accepted = true
    this.#handler = handler
    const early = this.#receiving.takeKept()
    const wasClosed = this.#closed
    // A handler may end the stream or the session in any of these calls; `closed` has then been its last.
    const goesOn = (): boolean => this.#closed === wasClosed
    if (early !== undefined) {
      const { bytes } = early
      handler.data(early.take(bytes), bytes)
    }
    const { hasFinished, resetCode } = this.#receiving
    if (goesOn() && hasFinished) handler.finished()
    if (goesOn() && resetCode !== undefined) handler.reset(resetCode)
    if (goesOn() && this.#stopCode !== undefined) handler.stopped(this.#stopCode)
    if (wasClosed) handler.closed(this.#end)
  }

  /**
   * Queues data; the array is the stream's from now on.
   * @returns false when the caller should wait for `writable`
   * @throws AivError `E_STREAM_RESET` once our direction has ended
   */
  write(chunk: Uint8Array): boolean {
    this.#sending.push(chunk)
    this.#port.schedule(this)
    return this.#sending.takesMore()
  }

  /** Ends our direction after what is queued. Harmless when it has ended. */
  finish(): void {
    if (this.#sending.finish()) this.#port.schedule(this)
  }

  /** Aborts our direction: what is queued is dropped. Harmless when it has ended. */
  reset(code: number): void {
    if (!this.#sending.reset()) return
    if (this.announced) this.#port.sendFlags(this, { reset: code })
    else this.#receiving.neverOpened()
    this.#settle()
  }

  /** Refuses to read any further: what is unread goes back to the session window, also when the peer has finished. */
  stop(code: number): void {
    if (!this.#receiving.stop()) return
    this.#grantAfterStop()
    if (this.announced) this.#port.sendFlags(this, { stop: code })
    else this.reset(code)
  }

  /** Both directions at once with one code. */
  abort(code: number): void {
    if (!this.announced || this.#sending.hasEnded || !this.#receiving.isOpen) {
      this.stop(code)
      this.reset(code)
      return
    }
    this.#sending.reset()
    this.#receiving.stop()
    this.#grantAfterStop()
    this.#port.sendFlags(this, { reset: code, stop: code })
    this.#settle()
  }

  /** The application has taken `bytes`: they may be granted again. */
  consumed(bytes: number): void {
    if (this.#receiving.consumed(bytes)) this.#port.creditDue(this)
  }

  // The rest is for the session.

  /** Sends OPEN now, ahead of all data, instead of with the first data. */
  announce(): void {
    if (this.announced) return
    this.announced = true
    this.#port.sendFlags(this, { open: this.weight })
  }

  /** True when a frame of this stream could be sealed, given the session's own credit. */
  canSend(sessionCredit: number): boolean {
    if (!this.announced) return !this.#sending.hasEnded
    return this.#sending.canSend(sessionCredit)
  }

  /** Takes the data of the next frame; at most `limit` bytes. */
  takeFrame(
    limit: number,
    out: Uint8Array[],
  ): { readonly bytes: number; readonly fin: boolean; readonly open: boolean } {
    const bytes = this.#sending.take(limit, out)
    const open = !this.announced
    this.announced = true
    return { bytes, fin: this.#sending.takeFin(), open }
  }

  /** Call after the frame of `takeFrame` is sealed: it may wake the writer or close the stream. */
  frameSent(bytes: number): void {
    this.#sending.sent(bytes)
    this.wakeWriter()
    this.#settle()
  }

  wakeWriter(): void {
    if (this.#sending.takeWake()) this.#handler?.writable()
  }

  addCredit(credit: number): void {
    this.#sending.addCredit(credit)
    if (this.queuedBytes > 0) this.#port.schedule(this)
  }

  /** Acts on a STREAM frame whose session credit has been accounted for. */
  receiveFrame(frame: StreamFrame): void {
    if (frame.offset !== undefined && frame.offset !== this.#receiving.receivedBytes)
      throw malformed(`an offset of stream ${this.id} that leaves a gap or repeats`)
    if (frame.dataLength > 0 || frame.fin) this.#receiveData(frame)
    if (frame.reset !== undefined) this.#receiveReset(frame.reset)
    if (frame.stop !== undefined) this.#receiveStop(frame.stop)
    this.#settle()
  }

  /** The peer drains and never saw this stream: it ends in both directions with STREAM_REFUSED. */
  refusedByDrain(): void {
    this.#sending.reset()
    this.#receiveReset(CODE.STREAM_REFUSED)
    this.#settle()
  }

  /** The session is over: wakes every waiter. */
  sessionEnded(end: SessionEnd): void {
    if (this.#closed) return
    this.#closed = true
    this.#sending.sessionEnded()
    this.#receiving.sessionEnded()
    this.#end = end
    this.#handler?.closed(end)
  }

  #receiveData(frame: StreamFrame): void {
    const { dataLength, data, fin } = frame
    this.#receiving.receive(dataLength)
    this.#grantAfterStop()
    if (dataLength > 0 && this.#receiving.isOpen) {
      if (this.#handler === undefined) this.#receiving.keep(data)
      else this.#handler.data(data, dataLength)
    }
    // The handler may have stopped the stream while it took the data: then it hears of no end.
    if (fin && this.#receiving.finish()) this.#handler?.finished()
  }

  #grantAfterStop(): void {
    if (this.#port.grantsAfterStop && this.#receiving.isStopped && this.window.updateDue)
      this.#port.creditDue(this)
  }

  #receiveReset(code: number): void {
    if (this.#receiving.reset(code)) this.#handler?.reset(code)
  }

  #receiveStop(code: number): void {
    if (!this.#sending.reset()) return
    this.#stopCode = code
    this.#port.sendFlags(this, { reset: code })
    // The answer may have ended the session; `closed` was then the last call.
    if (!this.#closed) this.#handler?.stopped(code)
  }

  #settle(): void {
    if (this.#closed || !this.#sending.hasEnded || !this.#receiving.hasEnded) return
    this.#closed = true
    this.#port.closed(this)
    this.#handler?.closed(undefined)
  }
}

/** The error an application gets when its stream was aborted with `code`. */
export function streamResetError(code: number): AivError {
  return new AivError('E_STREAM_RESET', `the peer reset the stream: ${codeName(code)}`)
}
