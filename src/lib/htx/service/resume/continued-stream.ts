/**
 * One continued service as one side sees it (section 12.3), without a link of its own: an application's stream on one
 * side, records on the other. Links come and go; each byte is delivered once and in order.
 *
 * A stream that reads no more cannot say so in a record. It drops what comes, and once its own direction is
 * acknowledged to its end it sends ABORT: whoever has read everything takes that for the word that nobody reads.
 */
import { AivError, releaseBuffers, type TimerClock } from '../../../core/index.ts'
import { CODE } from '../../codes.ts'
import type { StreamCore } from '../../endpoint/htx-stream.ts'
import type { StreamId } from '../../frames/index.ts'
import type { StreamHandler } from '../../session/index.ts'
import { ReceivingHalf } from './receiving-half.ts'
import { encodeAbort, encodeAck, RecordReader, type RecordSink } from './records.ts'
import { SendingHalf } from './sending-half.ts'

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
  /** It holds more than before, or less; bytes. */
  readonly onHeld: (bytes: number) => void
  /** Something went through it: the application has taken some of what came, or the peer what was sent. */
  readonly onProgress: () => void
  /** The peer has acknowledged nothing new, and not because the link is. */
  readonly onIdleAck: () => void
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
  readonly #receiving: ReceivingHalf
  /** On this link. */
  #hasHeardAck = false
  /** What `onHeld` was told of. */
  #heldBytes = 0
  /** Nobody reads what comes, for this reason. */
  #stopCode: number | undefined

  constructor(options: ContinuedStreamOptions) {
    this.id = options.id
    this.byPeer = options.byPeer
    this.#options = options
    this.#receiving = new ReceivingHalf(options.clock, options.onOutput)
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
    return this.#receiving.received
  }

  /** What the furthest link has carried away: bytes, and one for END. */
  get sent(): number {
    return this.#sending.sent
  }

  /** Grows with everything that gets anywhere. */
  get progress(): number {
    return this.received + this.#sending.acked
  }

  /** Memory that is taken: kept for another link, written and not taken, received and not consumed. */
  get bufferedBytes(): number {
    return this.#sending.heldBytes + this.#receiving.unreadBytes
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
    this.#hasHeardAck = false
    this.#receiving.resume()
  }

  /** The link is gone. */
  suspend(): void {
    this.#reader = undefined
    this.#receiving.suspend()
  }

  /** Bytes from the link, in any pieces. What is wrong with them resets the service on both sides. */
  receive(bytes: Uint8Array): void {
    try {
      this.#reader?.push(bytes)
    } catch (error) {
      if (!(error instanceof AivError)) throw error
      // Its application, which is told next, would give the peer a reason of its own.
      this.abort(CODE.POLICY_REJECTED)
      this.#handler?.reset(CODE.POLICY_REJECTED)
    }
    this.#account()
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
    const ack = this.#receiving.takeAck()
    if (ack !== undefined) add(encodeAck(ack))
    this.#sending.next(most, add)
    this.#takePending()
    this.#account()
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
    this.#account()
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
    this.#receiving.consume(bytes)
    this.#options.onProgress()
    this.#account()
  }

  stop(code: number): void {
    if (this.#stopCode !== undefined) return
    this.#dropUnread(code)
    this.#abortOnceHeard()
  }

  abort(code: number): void {
    if (this.#outcome === undefined && this.#abortCode === undefined) {
      this.#abortCode = code
      this.#sending.clear()
    }
    // Also when it is over: a stream that the peer has reset behind its end may still have something to read.
    this.#dropUnread(code)
    this.#options.onOutput()
  }

  // RecordSink

  data(bytes: Uint8Array): void {
    if (this.#outcome !== undefined) return
    this.#receiving.take(bytes.length)
    if (this.#stopCode === undefined) {
      // A few bytes must not hold the whole frame that they came in.
      const isFew = bytes.length * 2 < bytes.buffer.byteLength
      this.#handler?.data([isFew ? new Uint8Array(bytes) : bytes], bytes.length)
      if (!isFew) return
    } else this.#receiving.consume(bytes.length)
    releaseBuffers([bytes])
  }

  ack(count: number): void {
    if (this.#outcome !== undefined) return
    // What was cleared for an ABORT has no places any more.
    if (this.#abortCode !== undefined) return
    if (count > this.#sending.acked) this.#options.onProgress()
    else if (this.#hasHeardAck) this.#options.onIdleAck()
    // The first one of a link may repeat what the link before it lost.
    this.#hasHeardAck = true
    this.#sending.acknowledge(count)
    this.#account()
    this.#takePending()
    this.#options.onOutput()
    this.#abortOnceHeard()
    this.#checkOver()
  }

  end(): void {
    if (this.#outcome !== undefined) return
    this.#receiving.end()
    this.#handler?.finished()
    this.#receiving.consume(0)
  }

  aborted(code: number): void {
    if (this.#outcome !== undefined) return
    this.#over('aborted')
    if (this.#receiving.hasEnded) this.#handler?.stopped(code)
    else this.#handler?.reset(code)
  }

  #dropUnread(code: number): void {
    this.#stopCode ??= code
    this.#receiving.consume(this.#receiving.unreadBytes)
    this.#account()
  }

  #account(): void {
    const held = this.bufferedBytes
    if (held === this.#heldBytes) return
    const more = held - this.#heldBytes
    this.#heldBytes = held
    this.#options.onHeld(more)
  }

  /** There may be room for what its writer still holds. */
  #takePending(): void {
    if (this.#sending.takePending()) this.#handler?.writable()
  }

  /** Nobody reads here any more, and the peer has read all that was said: the rest can be called off. */
  #abortOnceHeard(): void {
    if (this.#stopCode !== undefined && this.#sending.isHeard && !this.#receiving.hasEnded)
      this.abort(this.#stopCode)
  }

  #checkOver(): void {
    if (this.#sending.isHeard && this.#receiving.isAcknowledged) this.#over('finished')
  }

  #over(outcome: ContinuedOutcome): void {
    if (this.#outcome !== undefined) return
    this.#outcome = outcome
    this.#receiving.suspend()
    this.#sending.clear()
    this.#account()
    this.#options.onOver(outcome)
  }
}
