/** The sending part of a stream (section 6.1): what waits, what the peer still allows, and how this direction ended. */
import { AivError } from '../../../core/index.ts'
import { CODE, ProtocolViolation } from '../../codes.ts'
import { WINDOW_LIMIT } from '../../constants.ts'
import { SendQueue } from './send-queue.ts'

/** What a session counts of the plaintext that waits in all its streams. */
export interface SendAccount {
  queuedChanged(bytes: number): void
  /** False when the session as a whole holds too much plaintext. */
  readonly belowHighWater: boolean
}

/** `finishing`: FIN follows what waits. */
type State = 'open' | 'finishing' | 'finished' | 'reset'

/** At most this much of a write is copied so that its writer need not wait for it; bytes. */
const TAIL_MOST = 8 * 1024

export class SendingPart {
  readonly #queue = new SendQueue()
  readonly #highWater: number
  readonly #account: SendAccount
  #credit: number
  #state: State = 'open'
  #writerWaits = false

  /** @param highWater bytes that may wait before the writer is asked to wait */
  constructor(credit: number, highWater: number, account: SendAccount) {
    this.#credit = credit
    this.#highWater = highWater
    this.#account = account
  }

  /** No frame of this direction follows any more, FIN or RESET having been the last. */
  get hasEnded(): boolean {
    return this.#state === 'finished' || this.#state === 'reset'
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  /** Bytes the peer still allows. */
  get credit(): number {
    return this.#credit
  }

  /** @throws AivError `E_STREAM_RESET` once FIN is decided or the direction has ended */
  push(chunk: Uint8Array): void {
    if (this.#state !== 'open')
      throw new AivError('E_STREAM_RESET', 'the stream is no longer open for writing')
    this.#queue.push(chunk)
    this.#account.queuedChanged(chunk.length)
  }

  /** False when the writer should wait: `takeWake` then says when it has waited enough. */
  takesMore(): boolean {
    if (this.#queue.bytes < this.#highWater && this.#account.belowHighWater) return true
    this.#writerWaits = true
    return false
  }

  /** True, once, when a writer that waits may write again. */
  takeWake(): boolean {
    if (!this.#writerWaits || this.#state !== 'open') return false
    const left = this.#queue.bytes
    if ((left >= this.#highWater && left > TAIL_MOST) || !this.#account.belowHighWater) return false
    // A tail that is copied travels with what is written next, in full frames; alone it would cost a frame of its own.
    if (left >= this.#highWater) this.#queue.own()
    this.#writerWaits = false
    return true
  }

  /** Decides on FIN after what waits; false when the direction has ended or will. */
  finish(): boolean {
    if (this.#state !== 'open') return false
    this.#state = 'finishing'
    return true
  }

  /** Drops what waits; false when the direction had ended before. */
  reset(): boolean {
    if (this.hasEnded) return false
    const dropped = this.#queue.bytes
    this.#queue.clear()
    this.#state = 'reset'
    if (dropped > 0) this.#account.queuedChanged(-dropped)
    return true
  }

  /** The session is over, and its account with it. */
  sessionEnded(): void {
    this.#queue.clear()
    this.#state = 'reset'
  }

  addCredit(credit: number): void {
    if (this.#credit + credit > WINDOW_LIMIT) {
      throw new ProtocolViolation(CODE.FLOW_CONTROL_VIOLATION, 'a stream window above 2^62')
    }
    this.#credit += credit
  }

  /** True when data or FIN could go into a frame, given the session's own credit. */
  canSend(sessionCredit: number): boolean {
    if (this.hasEnded) return false
    if (this.#queue.bytes > 0) return this.#credit > 0 && sessionCredit > 0
    return this.#state === 'finishing'
  }

  /** Moves the data of the next frame to `out`, at most `limit` bytes, and returns how many. */
  take(limit: number, out: Uint8Array[]): number {
    const bytes = this.#queue.take(Math.min(limit, this.#credit), out)
    this.#credit -= bytes
    return bytes
  }

  /** True, once, when all data has been taken and FIN goes with it. */
  takeFin(): boolean {
    if (this.#state !== 'finishing' || this.#queue.bytes > 0) return false
    this.#state = 'finished'
    return true
  }

  /** The frame of `take` is sealed. */
  sent(bytes: number): void {
    if (bytes > 0) this.#account.queuedChanged(-bytes)
  }
}
