/**
 * One continued service as one side sees it (section 12.3), without a link of its own: an application's stream on one
 * side, records on the other. Links come and go; each byte is delivered once and in order.
 *
 * A stream that reads no more cannot say so in a record. It drops what comes, and once its own direction is
 * acknowledged to its end it sends ABORT: whoever has read everything takes that for the word that nobody reads.
 */
import { AivError, type TimerClock } from '../../../core/index.ts'
import { CODE } from '../../codes.ts'
import type { StreamCore } from '../../endpoint/htx-stream.ts'
import type { StreamId } from '../../frames/index.ts'
import type { StreamHandler } from '../../session/index.ts'
import { ACK_DELAY_MS, ACK_EVERY_BYTES, KEPT_MOST } from './constants.ts'
import { encodeAbort, encodeAck, RecordReader, type RecordSink } from './records.ts'
import { SendingHalf } from './sending-half.ts'

/** A peer may send this much beyond our last ACK: what it keeps, and as much again for one that counts from `received`. */
const UNCONSUMED_MOST = 2 * KEPT_MOST

/** How a continued service ended. */
export type ContinuedOutcome =
  /** Both sides sent END and both are acknowledged. */
  | 'finished'
  /** One side reset it. */
  | 'aborted'

export interface ContinuedStreamOptions {
  readonly clock: TimerClock
  /** Id of the first carrying stream, for logs. */
  readonly id: StreamId
  readonly byPeer: boolean
  /** Records wait for the link. */
  readonly onOutput: () => void
  readonly onOver: (outcome: ContinuedOutcome) => void
}

export class ContinuedStream implements StreamCore, RecordSink {
  readonly id: StreamId
  readonly byPeer: boolean
  readonly #options: ContinuedStreamOptions
  #handler: StreamHandler | undefined
  #outcome: ContinuedOutcome | undefined

  readonly #sending = new SendingHalf()
  #isFinished = false
  #abortCode: number | undefined

  #reader: RecordReader | undefined
  #receivedBytes = 0
  #consumedBytes = 0
  #peerEnded = false
  #ackSent = 0
  #isAckDue = false
  #cancelAck: (() => void) | undefined
  /** Nobody reads what comes, for this reason. */
  #stopCode: number | undefined

  constructor(options: ContinuedStreamOptions) {
    this.id = options.id
    this.byPeer = options.byPeer
    this.#options = options
  }

  get outcome(): ContinuedOutcome | undefined {
    return this.#outcome
  }

  /** The application has reset it and the peer does not know. */
  get isAborting(): boolean {
    return this.#abortCode !== undefined && this.#outcome === undefined
  }

  /** What the peer need not send again: bytes, and one for END. */
  get received(): number {
    return this.#receivedBytes + (this.#peerEnded ? 1 : 0)
  }

  /** What the furthest link has carried away: bytes, and one for END. */
  get sent(): number {
    return this.#sending.sent
  }

  /** Grows with everything that gets anywhere. */
  get progress(): number {
    return this.received + this.#sending.acked
  }

  /** Kept for another link, and received but not consumed. */
  get bufferedBytes(): number {
    return this.#sending.keptBytes + this.#receivedBytes - this.#consumedBytes
  }

  // the link

  /**
   * A link is there. Records from before it are sent again from the count of the peer.
   * @param count what the peer has received
   * @throws AivError `E_MALFORMED` for a count that cannot be true
   */
  resume(count: number): void {
    this.#sending.resume(count)
    this.#reader = new RecordReader(this)
    // The ACK that the last link lost is what lets the peer go on.
    this.#isAckDue = this.#consumed > 0
  }

  /** The link is gone. */
  suspend(): void {
    this.#reader = undefined
    this.#stopAckTimer()
  }

  /** Bytes from the link, in any pieces. What is wrong with them resets the service on both sides. */
  receive(bytes: Uint8Array): void {
    try {
      this.#reader?.push(bytes)
    } catch (error) {
      if (!(error instanceof AivError)) throw error
      this.#handler?.reset(CODE.POLICY_REJECTED)
      this.abort(CODE.POLICY_REJECTED)
    }
  }

  /**
   * Takes the records that wait for the link, about `most` bytes of them.
   * @returns bytes added to `out`
   */
  next(most: number, out: Uint8Array[]): number {
    if (this.#reader === undefined || this.#outcome !== undefined) return 0
    if (this.#abortCode !== undefined) {
      const record = encodeAbort(this.#abortCode)
      out.push(record)
      this.#over('aborted')
      return record.length
    }
    let bytes = 0
    const add = (part: Uint8Array): void => {
      out.push(part)
      bytes += part.length
    }
    if (this.#isAckDue) {
      this.#stopAckTimer()
      this.#isAckDue = false
      this.#ackSent = this.#consumed
      add(encodeAck(this.#ackSent))
    }
    this.#sending.next(most, add)
    this.#takePending()
    this.#checkOver()
    return bytes
  }

  /** Nobody will carry this any more: what the application still does leads nowhere. */
  abandon(): void {
    this.#over('aborted')
  }

  // the application's side

  attach(handler: StreamHandler): void {
    this.#handler = handler
  }

  get queuedBytes(): number {
    return this.#sending.pendingBytes
  }

  write(chunk: Uint8Array): boolean {
    if (this.#outcome !== undefined || this.#abortCode !== undefined || chunk.length === 0) return true
    this.#sending.push(chunk)
    this.#options.onOutput()
    return this.queuedBytes === 0
  }

  finish(): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.#sending.finish()
    this.#options.onOutput()
  }

  consumed(bytes: number): void {
    if (this.#stopCode !== undefined) return
    this.#consumedBytes += bytes
    this.#scheduleAck()
  }

  stop(code: number): void {
    if (this.#stopCode !== undefined) return
    this.#stopCode = code
    this.#consumedBytes = this.#receivedBytes
    this.#scheduleAck()
    this.#abortOnceHeard()
  }

  abort(code: number): void {
    if (this.#outcome !== undefined || this.#abortCode !== undefined) return
    this.#abortCode = code
    this.#stopCode ??= code
    this.#sending.clear()
    this.#stopAckTimer()
    this.#options.onOutput()
  }

  // RecordSink

  data(bytes: Uint8Array): void {
    if (this.#outcome !== undefined) return
    if (this.#peerEnded) throw new AivError('E_MALFORMED', 'data behind the end')
    if (this.#receivedBytes + bytes.length - this.#ackSent > UNCONSUMED_MOST) {
      throw new AivError('E_MALFORMED', 'more than the other side may keep')
    }
    this.#receivedBytes += bytes.length
    if (this.#stopCode === undefined) {
      this.#handler?.data([bytes], bytes.length)
    } else {
      this.#consumedBytes = this.#receivedBytes
      this.#scheduleAck()
    }
  }

  ack(count: number): void {
    if (this.#outcome !== undefined) return
    // What was cleared for an ABORT has no places any more.
    if (this.#abortCode !== undefined) return
    this.#sending.acknowledge(count)
    this.#takePending()
    this.#options.onOutput()
    this.#abortOnceHeard()
    this.#checkOver()
  }

  end(): void {
    if (this.#outcome !== undefined) return
    if (this.#peerEnded) throw new AivError('E_MALFORMED', 'a second end')
    this.#peerEnded = true
    this.#handler?.finished()
    this.#scheduleAck()
  }

  aborted(code: number): void {
    if (this.#outcome !== undefined) return
    this.#over('aborted')
    if (this.#peerEnded) this.#handler?.stopped(code)
    else this.#handler?.reset(code)
  }

  get #consumed(): number {
    return this.#consumedBytes + (this.#peerEnded && this.#consumedBytes === this.#receivedBytes ? 1 : 0)
  }

  /** There may be room for what its writer still holds. */
  #takePending(): void {
    if (this.#sending.takePending()) this.#handler?.writable()
  }

  #scheduleAck(): void {
    const consumed = this.#consumed
    if (this.#outcome !== undefined || consumed === this.#ackSent || this.#reader === undefined) return
    if (consumed - this.#ackSent >= ACK_EVERY_BYTES || (this.#peerEnded && consumed === this.received)) {
      this.#isAckDue = true
      this.#options.onOutput()
      return
    }
    this.#cancelAck ??= this.#options.clock.schedule(ACK_DELAY_MS, () => {
      this.#cancelAck = undefined
      this.#isAckDue = true
      this.#options.onOutput()
    })
  }

  #stopAckTimer(): void {
    this.#cancelAck?.()
    this.#cancelAck = undefined
  }

  /** Nobody reads here any more, and the peer has read all that was said: the rest can be called off. */
  #abortOnceHeard(): void {
    if (this.#stopCode !== undefined && this.#sending.isHeard && !this.#peerEnded) this.abort(this.#stopCode)
  }

  #checkOver(): void {
    if (this.#sending.isHeard && this.#peerEnded && this.#ackSent === this.received) this.#over('finished')
  }

  #over(outcome: ContinuedOutcome): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    this.#stopAckTimer()
    this.#sending.clear()
    this.#options.onOver(outcome)
  }
}
