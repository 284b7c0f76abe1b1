/** The receiving part of a stream (section 6.1): its window, what waits for an owner, and how this direction ended. */
import { CODE, ProtocolViolation } from '../../codes.ts'
import { ChunkQueue, type StreamId } from '../../frames/index.ts'
import type { ReceiveWindow } from './receive-window.ts'

/** What a session counts of the bytes that have arrived in all its streams. */
export interface ReceiveAccount {
  /** Bytes of this stream left the buffers of the session. */
  sessionConsumed(bytes: number): void
}

/** `stopped`: we asked the peer to stop, and what still comes is thrown away. */
type State = 'open' | 'stopped' | 'finished' | 'reset'

export class ReceivingPart {
  readonly window: ReceiveWindow
  readonly #id: StreamId
  readonly #account: ReceiveAccount
  #state: State = 'open'
  /** What arrived before the stream had an owner. */
  #early: ChunkQueue | undefined
  #resetCode: number | undefined
  #receivedBytes = 0

  constructor(id: StreamId, window: ReceiveWindow, account: ReceiveAccount) {
    this.#id = id
    this.window = window
    this.#account = account
  }

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get isStopped(): boolean {
    return this.#state === 'stopped'
  }

  /** The peer's FIN has come. */
  get hasFinished(): boolean {
    return this.#state === 'finished'
  }

  /** No frame of this direction follows any more, FIN or RESET having been the last. */
  get hasEnded(): boolean {
    return this.#state === 'finished' || this.#state === 'reset'
  }

  /** Bytes of data that have come in all. */
  get receivedBytes(): number {
    return this.#receivedBytes
  }

  /** Code of the peer's RESET. */
  get resetCode(): number | undefined {
    return this.#resetCode
  }

  /** Accounts for data or FIN that came; it is to be delivered while the part is open. */
  receive(bytes: number): void {
    if (this.hasEnded) {
      throw new ProtocolViolation(CODE.STREAM_STATE_ERROR, `data on stream ${this.#id} after its end`)
    }
    if (!this.window.receive(bytes)) {
      throw new ProtocolViolation(CODE.FLOW_CONTROL_VIOLATION, `stream ${this.#id} got more than was granted`)
    }
    this.#receivedBytes += bytes
    if (this.#state === 'stopped') this.#dropUnread()
  }

  /** Keeps data until the stream has an owner. */
  keep(data: readonly Uint8Array[]): void {
    this.#early ??= new ChunkQueue()
    for (const chunk of data) this.#early.push(chunk)
  }

  /** What `keep` has kept. */
  takeKept(): ChunkQueue | undefined {
    const kept = this.#early
    this.#early = undefined
    return kept
  }

  /** The application has taken `bytes`. True when a WINDOW_UPDATE is due. */
  consumed(bytes: number): boolean {
    const returned = Math.min(bytes, this.window.unconsumed)
    if (!(returned > 0)) return false
    this.window.consume(returned)
    this.#account.sessionConsumed(returned)
    return this.#state === 'open' && this.window.updateDue
  }

  /** The peer's FIN; true when the application is to hear of it. */
  finish(): boolean {
    const wasOpen = this.#state === 'open'
    this.#state = 'finished'
    return wasOpen
  }

  /** The peer's RESET; true when the application is to hear of it. */
  reset(code: number): boolean {
    if (this.hasEnded) return false
    const wasOpen = this.#state === 'open'
    this.#state = 'reset'
    this.#resetCode = code
    this.#dropUnread()
    return wasOpen
  }

  /** Throws away what is unread, also when the peer has finished; false when nothing more was awaited. */
  stop(): boolean {
    const wasOpen = this.#state === 'open'
    if (wasOpen) this.#state = 'stopped'
    this.#dropUnread()
    return wasOpen
  }

  /** The peer never hears of this stream: nothing can come. */
  neverOpened(): void {
    this.#state = 'reset'
  }

  /** The session is over. */
  sessionEnded(): void {
    if (this.#state === 'open') this.#state = 'reset'
    // A direction that finished is whole: whoever attaches later still gets it, or its end would look clean without.
    if (this.#state !== 'finished') this.#early = undefined
  }

  #dropUnread(): void {
    this.#early = undefined
    const unread = this.window.unconsumed
    if (unread === 0) return
    this.window.consume(unread)
    this.#account.sessionConsumed(unread)
  }
}
