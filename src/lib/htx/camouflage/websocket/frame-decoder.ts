/**
 * Reads the frames of RFC 6455. The payload of binary messages is passed on as it comes: borders of messages and of
 * fragments carry no meaning here, and a message that was announced but never sent costs nothing.
 */
import { AivError, EMPTY } from '../../../core/index.ts'
import { CONTROL_MOST, EMPTY_FRAMES_MOST, MESSAGE_MOST, OPCODE } from './constants.ts'
import type { Role } from './frame-encoder.ts'
import { applyMask } from './mask.ts'

export interface MessageSink {
  /** The next bytes of a binary message; the array is the sink's to keep. */
  data(bytes: Uint8Array): void
  /** A binary message without a byte: the peer's direction ends. */
  emptyMessage(): void
  ping(payload: Uint8Array): void
  /** @param code absent where the frame has none; nothing follows */
  close(code: number | undefined): void
}

/** A text message, which nobody sends on a link: its sender learns so from the close code. */
export class TextMessageError extends AivError {
  constructor() {
    super('E_MALFORMED', 'the peer sent a text message')
  }
}

const HEAD_MOST = 14
const KEY_BYTES = 4

export class FrameDecoder {
  readonly #sink: MessageSink
  readonly #isMasked: boolean
  /** The head of the next frame as far as it has come. */
  readonly #head = new Uint8Array(HEAD_MOST)
  #headLength = 0
  #headNeeded = 2
  #opcode: number = OPCODE.continuation
  #isFinal = false
  readonly #key = new Uint8Array(KEY_BYTES)
  /** Payload bytes of the frame that have come and that are still to come; undefined between frames. */
  #payload: { done: number; left: number } | undefined
  #control: Uint8Array = EMPTY
  /** Bytes of the message under way; undefined between messages. */
  #messageBytes: number | undefined
  #emptyFrames = 0
  #isClosed = false

  /** @param role of the peer: clients mask, servers do not */
  constructor(role: Role, sink: MessageSink) {
    this.#isMasked = role === 'client'
    this.#sink = sink
  }

  /**
   * Takes the next bytes, which it may change.
   * @throws AivError `E_MALFORMED` for what RFC 6455 forbids, {@link TextMessageError}; nothing may follow
   */
  push(bytes: Uint8Array): void {
    let at = 0
    while (at < bytes.length && !this.#isClosed) {
      const { length } = bytes
      if (this.#payload !== undefined) at = this.#takePayload(bytes, at, this.#payload)
      else {
        while (at < length && this.#headLength < this.#headNeeded) {
          this.#head[this.#headLength++] = bytes[at++] as number
          if (this.#headLength === 2) this.#headNeeded = this.#sizeOfHead()
        }
        if (this.#headLength === this.#headNeeded) this.#beginFrame()
      }
    }
  }

  #sizeOfHead(): number {
    const [first = 0, second = 0] = this.#head
    if ((first & 0x70) !== 0) throw malformed('a frame with reserved bits')
    if (((second & 0x80) !== 0) !== this.#isMasked)
      throw malformed(this.#isMasked ? 'a frame without a mask' : 'a frame with a mask')
    const length = second & 0x7f
    return 2 + (length === 126 ? 2 : length === 127 ? 8 : 0) + (this.#isMasked ? KEY_BYTES : 0)
  }

  #beginFrame(): void {
    const head = this.#head
    const [first = 0] = head
    const length = this.#lengthOfPayload()
    this.#opcode = first & 0x0f
    this.#isFinal = (first & 0x80) !== 0
    this.#key.set(head.subarray(this.#headNeeded - KEY_BYTES, this.#headNeeded))
    this.#headLength = 0
    this.#headNeeded = 2
    if (this.#isControl) this.#beginControl(length)
    else this.#beginData(length)
    this.#payload = { done: 0, left: length }
    if (length === 0) this.#endFrame()
  }

  get #isControl(): boolean {
    return this.#opcode >= OPCODE.close
  }

  #lengthOfPayload(): number {
    const view = new DataView(this.#head.buffer)
    const short = view.getUint8(1) & 0x7f
    if (short < 126) return short
    const length = short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2))
    if (length < (short === 126 ? 126 : 0x1_0000))
      throw malformed('a length that is not in its shortest form')
    return length
  }

  #beginControl(length: number): void {
    const opcode = this.#opcode
    if (opcode !== OPCODE.close && opcode !== OPCODE.ping && opcode !== OPCODE.pong)
      throw malformed(`a frame of kind ${opcode}`)
    if (!this.#isFinal || length > CONTROL_MOST) throw malformed('a control frame in parts, or too long')
    this.#control = new Uint8Array(length)
  }

  #beginData(length: number): void {
    const opcode = this.#opcode
    if (opcode === OPCODE.text) throw new TextMessageError()
    if (opcode !== OPCODE.binary && opcode !== OPCODE.continuation)
      throw malformed(`a frame of kind ${opcode}`)
    if ((opcode === OPCODE.continuation) !== (this.#messageBytes !== undefined))
      throw malformed('parts of messages out of order')
    const total = (this.#messageBytes ?? 0) + length
    if (total > MESSAGE_MOST) throw malformed('a message that is too large')
    if (length > 0) this.#emptyFrames = 0
    else if (!this.#isFinal && ++this.#emptyFrames > EMPTY_FRAMES_MOST)
      throw malformed('parts of messages without a byte')
    this.#messageBytes = total
  }

  #takePayload(bytes: Uint8Array, at: number, payload: { done: number; left: number }): number {
    const part = bytes.subarray(at, at + payload.left)
    if (this.#isMasked) applyMask(part, this.#key, payload.done)
    if (this.#isControl) this.#control.set(part, payload.done)
    payload.done += part.length
    payload.left -= part.length
    if (!this.#isControl) this.#sink.data(part)
    if (payload.left === 0) this.#endFrame()
    return at + part.length
  }

  #endFrame(): void {
    this.#payload = undefined
    if (this.#isControl) {
      this.#endControl()
      return
    }
    if (!this.#isFinal) return
    const isEmpty = this.#messageBytes === 0
    this.#messageBytes = undefined
    if (isEmpty) this.#sink.emptyMessage()
  }

  #endControl(): void {
    const payload = this.#control
    this.#control = EMPTY
    if (this.#opcode === OPCODE.ping) this.#sink.ping(payload)
    if (this.#opcode !== OPCODE.close) return
    if (payload.length === 1) throw malformed('a close frame with half a code')
    this.#isClosed = true
    const [high = 0, low = 0] = payload
    this.#sink.close(payload.length === 0 ? undefined : high * 256 + low)
  }
}

function malformed(what: string): AivError {
  return new AivError('E_MALFORMED', `the peer sent ${what}`)
}
