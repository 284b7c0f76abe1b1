/** What one side of a continued service receives: counted for the peer, and acknowledged once it is consumed. */
import { AivError, type TimerClock } from '../../../core/index.ts'
import { ACK_DELAY_MS, ACK_EVERY_BYTES, KEPT_MOST } from './constants.ts'

/** A peer may send this much beyond our last ACK: what it keeps, and as much again for one that counts from `received`. */
const UNCONSUMED_MOST = 2 * KEPT_MOST

export class ReceivingHalf {
  readonly #clock: TimerClock
  readonly #onAckDue: () => void
  #receivedBytes = 0
  #consumedBytes = 0
  #hasEnded = false
  #ackSent = 0
  #isAckDue = false
  #cancelAck: (() => void) | undefined
  /** There is a link for an ACK. */
  #hasLink = false

  constructor(clock: TimerClock, onAckDue: () => void) {
    this.#clock = clock
    this.#onAckDue = onAckDue
  }

  /** What the peer need not send again: bytes, and one for END. */
  get received(): number {
    return this.#receivedBytes + (this.#hasEnded ? 1 : 0)
  }

  /** Received and not consumed. */
  get unreadBytes(): number {
    return this.#receivedBytes - this.#consumedBytes
  }

  /** The peer has sent END. */
  get hasEnded(): boolean {
    return this.#hasEnded
  }

  /** The last ACK that was sent is for everything. */
  get isAcknowledged(): boolean {
    return this.#hasEnded && this.#ackSent === this.received
  }

  /** A link is there. The ACK that the last one lost is what lets the peer go on. */
  resume(): void {
    this.#hasLink = true
    this.#isAckDue = this.#consumed > 0
  }

  /** The link is gone, or nothing is to be acknowledged any more. */
  suspend(): void {
    this.#hasLink = false
    this.#stopTimer()
  }

  /** @throws AivError `E_MALFORMED` */
  take(bytes: number): void {
    if (this.#hasEnded) throw new AivError('E_MALFORMED', 'data behind the end')
    if (this.#receivedBytes + bytes - this.#ackSent > UNCONSUMED_MOST)
      throw new AivError('E_MALFORMED', 'more than the other side may keep')
    this.#receivedBytes += bytes
  }

  /** @throws AivError `E_MALFORMED` */
  end(): void {
    if (this.#hasEnded) throw new AivError('E_MALFORMED', 'a second end')
    this.#hasEnded = true
  }

  /** The application has taken `bytes`; with none, it has heard of the end. */
  consume(bytes: number): void {
    this.#consumedBytes += bytes
    this.#scheduleAck()
  }

  /** @returns the count of an ACK that is due */
  takeAck(): number | undefined {
    if (!this.#isAckDue) return undefined
    this.#stopTimer()
    this.#isAckDue = false
    this.#ackSent = this.#consumed
    return this.#ackSent
  }

  get #consumed(): number {
    return this.#consumedBytes + (this.#hasEnded && this.unreadBytes === 0 ? 1 : 0)
  }

  #scheduleAck(): void {
    const consumed = this.#consumed
    if (!this.#hasLink || consumed === this.#ackSent) return
    if (consumed - this.#ackSent >= ACK_EVERY_BYTES || (this.#hasEnded && this.unreadBytes === 0)) {
      this.#isAckDue = true
      this.#onAckDue()
      return
    }
    this.#cancelAck ??= this.#clock.schedule(ACK_DELAY_MS, () => {
      this.#cancelAck = undefined
      this.#isAckDue = true
      this.#onAckDue()
    })
  }

  #stopTimer(): void {
    this.#cancelAck?.()
    this.#cancelAck = undefined
  }
}
