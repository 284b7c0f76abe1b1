/**
 * Control frames waiting for the link, in order, bounded (section 14). WINDOW_UPDATEs are not here: a set of streams
 * that owe one takes their place, so that a slow link cannot pile them up.
 */
import { CODE, ProtocolViolation } from '../codes.ts'
import { CONTROL_QUEUE_BYTES, CONTROL_QUEUE_FRAMES, PING_REPLIES_QUEUED } from '../constants.ts'
import { FRAME, type StreamId } from '../frames/index.ts'

export interface ControlEntry {
  readonly type: number
  readonly streamId: StreamId | undefined
  readonly plaintext: Uint8Array
  /** True for an answer to a PING: at most a few wait, the oldest go first. */
  readonly pingReply?: boolean
  /** Called when the frame has been sealed. */
  readonly onSealed?: () => void
}

export class ControlQueue {
  #entries: ControlEntry[] = []
  #bytes = 0
  #pingReplies = 0
  /** The last frame is in, or nothing may be said any more: whatever else is pushed is dropped. */
  #ended = false

  get isEmpty(): boolean {
    return this.#entries.length === 0
  }

  /** @throws ProtocolViolation ENHANCE_CALM when the peer does not read and the queue is full */
  push(entry: ControlEntry): void {
    if (this.#ended) return
    if (entry.pingReply === true) this.#makeRoomForReply()
    if (
      this.#entries.length >= CONTROL_QUEUE_FRAMES ||
      this.#bytes + entry.plaintext.length > CONTROL_QUEUE_BYTES
    ) {
      throw new ProtocolViolation(CODE.ENHANCE_CALM, 'the peer does not take our control frames')
    }
    this.#entries.push(entry)
    this.#bytes += entry.plaintext.length
    if (entry.pingReply === true) this.#pingReplies++
  }

  shift(): ControlEntry | undefined {
    const entry = this.#entries.shift()
    if (entry === undefined) return undefined
    this.#forget(entry)
    return entry
  }

  /**
   * Empties the queue and puts a CLOSE in: nothing may follow it. The last DRAIN that waits goes before it: it tells
   * the peer which of its streams were never processed.
   */
  replaceWithClose(plaintext: Uint8Array, onSealed: () => void): void {
    const drain = this.#entries.findLast((entry) => entry.type === FRAME.CLOSE)
    const close = { type: FRAME.CLOSE, streamId: undefined, plaintext, onSealed }
    this.#entries = drain === undefined ? [close] : [drain, close]
    this.#bytes = plaintext.length + (drain?.plaintext.length ?? 0)
    this.#pingReplies = 0
    this.#ended = true
  }

  /** Empties the queue for good. */
  clear(): void {
    this.#ended = true
    this.#entries = []
    this.#bytes = 0
    this.#pingReplies = 0
  }

  #makeRoomForReply(): void {
    if (this.#pingReplies < PING_REPLIES_QUEUED) return
    const oldest = this.#entries.findIndex((entry) => entry.pingReply === true)
    const [entry] = this.#entries.splice(oldest, 1)
    if (entry !== undefined) this.#forget(entry)
  }

  #forget(entry: ControlEntry): void {
    this.#bytes -= entry.plaintext.length
    if (entry.pingReply === true) this.#pingReplies--
  }
}
