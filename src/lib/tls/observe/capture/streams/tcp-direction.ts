/** What one endpoint of a TCP connection sent: where it stands, and bytes that wait for others. */
import type { Appetite, CaptureSink, StreamEnd } from '../sink.ts'
import type { SkipReason } from '../summary.ts'
import { Flow } from './flow.ts'
import { SegmentBuffer } from './segment-buffer.ts'

/** Limits and receivers that all directions share. */
export interface TcpReceiver {
  readonly sink: CaptureSink
  readonly maxStreamBytes: number
  readonly onSkip: (reason: SkipReason) => void
}

/** Offsets count from the first byte of the stream, so that sequence numbers may wrap. */
export class TcpDirection extends Flow {
  /** Sequence number of offset 0. */
  #base = 0
  hasSyn = false
  hasStarted = false
  /** Nothing more is wanted: all that is left is this small object. */
  isDone = false
  #delivered = 0
  #finAt = -1
  #buffer: SegmentBuffer | undefined

  /** Memory held for this direction, in bytes. */
  get heldBytes(): number {
    return this.#buffer?.capacity ?? 0
  }

  /** Takes the sequence number of a SYN; false when this direction cannot have begun with it. */
  start(sequence: number): boolean {
    const base = (sequence + 1) | 0
    if (this.hasStarted && base !== this.#base) return false
    this.#base = base
    this.hasStarted = true
    this.hasSyn = true
    return true
  }

  /** Takes the payload of a segment that lies at `at` to `end`. */
  receive(
    receiver: TcpReceiver,
    sequence: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    packet: number,
    timeUs: number,
  ): void {
    if (!this.hasStarted) {
      this.#base = sequence | 0
      this.hasStarted = true
    }
    const offset = (sequence - this.#base) | 0
    const length = end - at
    if (offset === this.#delivered && this.#buffer?.hasIslands !== true) {
      this.#deliverInPlace(receiver, bytes, at, length, packet, timeUs)
      return
    }
    // A keep-alive takes the place of a byte that was sent, with any value (RFC 9293 section 3.8.4), and may come late.
    if (length === 1 && offset < this.#delivered) return
    this.#hold(receiver, offset, bytes, at, length)
    if (!this.isDone) this.#deliverHeld(receiver, packet, timeUs)
  }

  /** Takes the place of a FIN, after the payload of its segment. */
  finish(receiver: TcpReceiver, sequence: number): void {
    if (!this.hasStarted) return
    const place = (sequence - this.#base) | 0
    // One in front of delivered bytes is forged, or left over from an earlier connection.
    if (place < this.#delivered || this.#finAt !== -1) return
    this.#finAt = place
    if (place === this.#delivered) this.end(receiver, 'finished')
  }

  /** Lets go of everything; the sink learns it when it has been given bytes and wants more. */
  end(receiver: TcpReceiver, end: StreamEnd): void {
    if (this.isDone) return
    const hasGap = this.#buffer?.hasIslands === true
    this.#close()
    if (this.#delivered > 0) receiver.sink.onStreamEnd?.(this, end, hasGap)
  }

  #deliverInPlace(
    receiver: TcpReceiver,
    bytes: Uint8Array,
    at: number,
    length: number,
    packet: number,
    timeUs: number,
  ): void {
    const start = this.#delivered
    const taken = Math.min(length, receiver.maxStreamBytes - start)
    const appetite = this.#give(receiver, bytes.subarray(at, at + taken), packet, timeUs)
    if (appetite === 'enough' || this.isDone) return
    // Kept to see later whether a segment for the same place says something else.
    this.#buffer ??= new SegmentBuffer(receiver.maxStreamBytes)
    this.#buffer.add(start, bytes, at, taken)
  }

  #hold(receiver: TcpReceiver, offset: number, bytes: Uint8Array, at: number, length: number): void {
    if (offset < 0 && !this.hasSyn) receiver.onSkip('tcp-before-start')
    const start = Math.max(offset, 0)
    const end = Math.min(offset + length, receiver.maxStreamBytes)
    if (offset + length > receiver.maxStreamBytes) receiver.onSkip('tcp-out-of-window')
    if (end <= start) return
    this.#buffer ??= new SegmentBuffer(receiver.maxStreamBytes)
    if (!this.#buffer.hasRoomFor(start, end)) {
      receiver.onSkip('tcp-out-of-order')
      return
    }
    if (this.#buffer.add(start, bytes, at + start - offset, end - start)) receiver.onSkip('tcp-contradiction')
  }

  #deliverHeld(receiver: TcpReceiver, packet: number, timeUs: number): void {
    const buffer = this.#buffer
    if (buffer === undefined || buffer.contiguous <= this.#delivered) return
    this.#give(receiver, buffer.view(this.#delivered, buffer.contiguous), packet, timeUs)
  }

  #give(receiver: TcpReceiver, bytes: Uint8Array, packet: number, timeUs: number): Appetite {
    this.#delivered += bytes.length
    const appetite = receiver.sink.onStream(this, bytes, packet, timeUs)
    if (appetite === 'enough') this.#close()
    else if (this.#finAt !== -1 && this.#delivered >= this.#finAt) this.end(receiver, 'finished')
    else if (this.#delivered === receiver.maxStreamBytes) this.end(receiver, 'full')
    return appetite
  }

  #close(): void {
    this.isDone = true
    this.#buffer = undefined
  }
}
