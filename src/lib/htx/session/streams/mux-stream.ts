/**
 * One stream of a session (section 6.1): two directions that end each on its own, by FIN, or by RESET on the sending
 * and STOP on the receiving side. The session owns the wire; the stream owns its state.
 */
import { AivError } from '../../../core/index.ts'
import { CODE, codeName, ProtocolViolation, type SessionEnd } from '../../codes.ts'
import { WINDOW_LIMIT } from '../../constants.ts'
import { ChunkQueue, type StreamFlags, type StreamFrame, type StreamId } from '../../frames/index.ts'
import { ReceiveWindow } from './receive-window.ts'
import { SendQueue } from './send-queue.ts'

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
export interface StreamPort {
  /** Data, FIN or OPEN is waiting. */
  schedule(stream: MuxStream): void
  sendFlags(stream: MuxStream, flags: StreamFlags): void
  /** A WINDOW_UPDATE of this stream is due. */
  creditDue(stream: MuxStream): void
  /** Bytes of this stream left the buffers of the session. */
  sessionConsumed(bytes: number): void
  queuedChanged(bytes: number): void
  /** False when the session as a whole holds too much plaintext. */
  readonly belowHighWater: boolean
  closed(stream: MuxStream): void
}

type SendState = 'open' | 'finishing' | 'finished' | 'reset'
type ReceiveState = 'open' | 'stopped' | 'finished' | 'reset'

/** At most this much of a write is copied so that its writer need not wait for it; bytes. */
const TAIL_MOST = 8 * 1024

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
  readonly window: ReceiveWindow
  /** 1..255; the share of the link relative to other streams. */
  weight: number
  /** Deficit of the scheduler, bytes. */
  deficit = 0
  /** In the ring of the scheduler. */
  scheduled = false
  /** OPEN has been sealed, or came from the peer. */
  announced: boolean
  readonly #port: StreamPort
  readonly #highWater: number
  readonly #queue = new SendQueue()
  #handler: StreamHandler | undefined
  #credit: number
  #send: SendState = 'open'
  #receive: ReceiveState = 'open'
  #wantsWritable = false
  /** What arrived before `attach`. */
  #early: ChunkQueue | undefined
  #accepted: boolean
  /** Codes of the peer, for an owner who attaches later. */
  #resetCode: number | undefined
  #stopCode: number | undefined
  #closed = false
  #end: SessionEnd | undefined

  constructor(options: MuxStreamOptions) {
    this.id = options.id
    this.byPeer = options.byPeer
    this.announced = options.byPeer
    this.openedAt = options.now
    this.weight = options.weight
    this.window = new ReceiveWindow(options.receiveWindow, options.now)
    this.#credit = options.sendCredit
    this.#highWater = options.highWater
    this.#port = options.port
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
    return this.#receive === 'stopped'
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  /** Bytes the peer still allows. */
  get credit(): number {
    return this.#credit
  }

  /** Names the owner; what arrived before is delivered first. */
  attach(handler: StreamHandler): void {
    this.#accepted = true
    this.#handler = handler
    const early = this.#early
    this.#early = undefined
    const wasClosed = this.#closed
    // A handler may end the stream or the session in any of these calls; `closed` has then been its last.
    const goesOn = (): boolean => this.#closed === wasClosed
    if (early !== undefined) {
      const { bytes } = early
      handler.data(early.take(bytes), bytes)
    }
    if (goesOn() && this.#receive === 'finished') handler.finished()
    if (goesOn() && this.#resetCode !== undefined) handler.reset(this.#resetCode)
    if (goesOn() && this.#stopCode !== undefined) handler.stopped(this.#stopCode)
    if (wasClosed) handler.closed(this.#end)
  }

  /**
   * Queues data; the array is the stream's from now on.
   * @returns false when the caller should wait for `writable`
   * @throws AivError `E_STREAM_RESET` once our direction has ended
   */
  write(chunk: Uint8Array): boolean {
    if (this.#send !== 'open')
      throw new AivError('E_STREAM_RESET', 'the stream is no longer open for writing')
    this.#queue.push(chunk)
    this.#port.queuedChanged(chunk.length)
    this.#port.schedule(this)
    if (this.#queue.bytes < this.#highWater && this.#port.belowHighWater) return true
    this.#wantsWritable = true
    return false
  }

  /** Ends our direction after what is queued. Harmless when it has ended. */
  finish(): void {
    if (this.#send !== 'open') return
    this.#send = 'finishing'
    this.#port.schedule(this)
  }

  /** Aborts our direction: what is queued is dropped. Harmless when it has ended. */
  reset(code: number): void {
    if (this.#send === 'finished' || this.#send === 'reset') return
    this.#dropQueue()
    this.#send = 'reset'
    if (this.announced) this.#port.sendFlags(this, { reset: code })
    else this.#receive = 'reset'
    this.#settle()
  }

  /** Refuses to read any further: what is unread goes back to the session window, also when the peer has finished. */
  stop(code: number): void {
    this.#dropUnread()
    if (this.#receive !== 'open') return
    this.#receive = 'stopped'
    if (this.announced) this.#port.sendFlags(this, { stop: code })
    else this.reset(code)
  }

  /** Both directions at once with one code. */
  abort(code: number): void {
    const resets = this.#send === 'open' || this.#send === 'finishing'
    const stops = this.#receive === 'open'
    if (!this.announced || !resets || !stops) {
      this.stop(code)
      this.reset(code)
      return
    }
    this.#dropQueue()
    this.#send = 'reset'
    this.#receive = 'stopped'
    this.#dropUnread()
    this.#port.sendFlags(this, { reset: code, stop: code })
    this.#settle()
  }

  /** The application has taken `bytes`: they may be granted again. */
  consumed(bytes: number): void {
    const returned = Math.min(bytes, this.window.unconsumed)
    if (!(returned > 0)) return
    this.window.consume(returned)
    this.#port.sessionConsumed(returned)
    if (this.#receive === 'open' && this.window.updateDue) this.#port.creditDue(this)
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
    if (this.#send === 'reset' || this.#send === 'finished') return false
    if (!this.announced) return true
    if (this.#queue.bytes > 0) return this.#credit > 0 && sessionCredit > 0
    return this.#send === 'finishing'
  }

  /** True when data waits for credit of the stream itself. */
  get blockedByStream(): boolean {
    return this.#queue.bytes > 0 && this.#credit <= 0
  }

  /** Takes the data of the next frame; at most `limit` bytes. */
  takeFrame(
    limit: number,
    out: Uint8Array[],
  ): { readonly bytes: number; readonly fin: boolean; readonly open: boolean } {
    const bytes = this.#queue.take(Math.min(limit, this.#credit), out)
    this.#credit -= bytes
    const open = !this.announced
    this.announced = true
    const fin = this.#send === 'finishing' && this.#queue.bytes === 0
    if (fin) this.#send = 'finished'
    return { bytes, fin, open }
  }

  /** Call after the frame of `takeFrame` is sealed: it may wake the writer or close the stream. */
  frameSent(bytes: number): void {
    if (bytes > 0) this.#port.queuedChanged(-bytes)
    this.wakeWriter()
    this.#settle()
  }

  wakeWriter(): void {
    if (!this.#wantsWritable || this.#send !== 'open') return
    const left = this.#queue.bytes
    if ((left >= this.#highWater && left > TAIL_MOST) || !this.#port.belowHighWater) return
    // A tail that is copied travels with what is written next, in full frames; alone it would cost a frame of its own.
    if (left >= this.#highWater) this.#queue.own()
    this.#wantsWritable = false
    this.#handler?.writable()
  }

  addCredit(credit: number): void {
    if (this.#credit + credit > WINDOW_LIMIT) {
      throw new ProtocolViolation(CODE.FLOW_CONTROL_VIOLATION, 'a stream window above 2^62')
    }
    this.#credit += credit
    if (this.#queue.bytes > 0) this.#port.schedule(this)
  }

  /** Acts on a STREAM frame whose session credit has been accounted for. */
  receiveFrame(frame: StreamFrame): void {
    if (frame.dataLength > 0 || frame.fin) this.#receiveData(frame)
    if (frame.reset !== undefined) this.#receiveReset(frame.reset)
    if (frame.stop !== undefined) this.#receiveStop(frame.stop)
    this.#settle()
  }

  #receiveData(frame: StreamFrame): void {
    if (this.#receive === 'finished' || this.#receive === 'reset') {
      throw new ProtocolViolation(CODE.STREAM_STATE_ERROR, `data on stream ${this.id} after its end`)
    }
    if (!this.window.receive(frame.dataLength)) {
      throw new ProtocolViolation(CODE.FLOW_CONTROL_VIOLATION, `stream ${this.id} got more than was granted`)
    }
    if (this.#receive === 'stopped') {
      this.#dropUnread()
      if (frame.fin) this.#receive = 'finished'
      return
    }
    if (frame.dataLength > 0) {
      if (this.#handler === undefined) this.#keepEarly(frame.data)
      else this.#handler.data(frame.data, frame.dataLength)
    }
    // The handler may have stopped the stream while it took the data.
    if (!frame.fin) return
    const delivered = this.#receive === 'open'
    this.#receive = 'finished'
    if (delivered) this.#handler?.finished()
  }

  #keepEarly(data: readonly Uint8Array[]): void {
    this.#early ??= new ChunkQueue()
    for (const chunk of data) this.#early.push(chunk)
  }

  #receiveReset(code: number): void {
    if (this.#receive === 'finished' || this.#receive === 'reset') return
    const tell = this.#receive === 'open'
    this.#receive = 'reset'
    this.#resetCode = code
    this.#dropUnread()
    if (tell) this.#handler?.reset(code)
  }

  #receiveStop(code: number): void {
    if (this.#send === 'finished' || this.#send === 'reset') return
    this.#dropQueue()
    this.#send = 'reset'
    this.#stopCode = code
    this.#port.sendFlags(this, { reset: code })
    // The answer may have ended the session; `closed` was then the last call.
    if (!this.#closed) this.#handler?.stopped(code)
  }

  /** The peer drains and never saw this stream: it ends in both directions with STREAM_REFUSED. */
  refusedByDrain(): void {
    this.#dropQueue()
    this.#send = 'reset'
    this.#receiveReset(CODE.STREAM_REFUSED)
    this.#settle()
  }

  /** The session is over: wakes every waiter. */
  sessionEnded(end: SessionEnd): void {
    if (this.#closed) return
    this.#closed = true
    this.#send = 'reset'
    this.#receive = this.#receive === 'open' ? 'reset' : this.#receive
    this.#queue.clear()
    // A direction that finished is whole: whoever attaches later still gets it, or its end would look clean without.
    if (this.#receive !== 'finished') this.#early = undefined
    this.#end = end
    this.#handler?.closed(end)
  }

  describe(): string {
    return `stream ${this.id} send ${this.#send} receive ${this.#receive} queued ${this.#queue.bytes} credit ${this.#credit}`
  }

  #dropQueue(): void {
    const dropped = this.#queue.bytes
    this.#queue.clear()
    if (dropped > 0) this.#port.queuedChanged(-dropped)
  }

  #dropUnread(): void {
    this.#early = undefined
    const unread = this.window.unconsumed
    if (unread === 0) return
    this.window.consume(unread)
    this.#port.sessionConsumed(unread)
  }

  #settle(): void {
    if (this.#closed) return
    const sendEnded = this.#send === 'finished' || this.#send === 'reset'
    const receiveEnded = this.#receive === 'finished' || this.#receive === 'reset'
    if (!sendEnded || !receiveEnded) return
    this.#closed = true
    this.#port.closed(this)
    this.#handler?.closed(undefined)
  }
}

/** The error an application gets when its stream was aborted with `code`. */
export function streamResetError(code: number): AivError {
  return new AivError('E_STREAM_RESET', `the peer reset the stream: ${codeName(code)}`)
}
