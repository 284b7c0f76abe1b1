/**
 * The camouflaged link: payloads of binary WebSocket messages on any stream that carries them, joined together
 * (HTX sections 2.2 and 10.2).
 *
 * WebSocket has no half-close. An EMPTY binary message ends the sender's direction, and when both directions have
 * ended the WebSocket closes with code 1000.
 */
import type { Duplex } from 'node:stream'
import {
  AivError,
  EMPTY,
  isAivError,
  type RandomSource,
  systemClock,
  type TimerClock,
} from '../../../core/index.ts'
import { AcceptanceCounter, BaseLink, linkLost, MessageBatches } from '../../../link/index.ts'
import { CLOSE_CODE, CLOSE_TIMEOUT_MS } from './constants.ts'
import { FrameDecoder, TextMessageError } from './frame-decoder.ts'
import { FrameEncoder, type Role } from './frame-encoder.ts'

export interface MessageLinkOptions {
  /** Carries frames both ways; the link's from now on. */
  readonly stream: Duplex
  /** Ours. */
  readonly role: Role
  /** What came behind the head of the HTTP answer or request already. */
  readonly head: Uint8Array
  readonly localAddress: string
  readonly remoteAddress: string
  /** Of the masks. */
  readonly random: RandomSource
  /** Of the outer TLS connection. */
  readonly exportKeyingMaterial: (length: number, label: string, context: Uint8Array) => Uint8Array
  /** Lets go of what carries the stream, such as a connection of HTTP/2. */
  readonly onRelease?: () => void
  readonly clock?: TimerClock
}

export class MessageLink extends BaseLink {
  readonly kind = 'https'
  override readonly copies = true
  readonly exportKeyingMaterial: MessageLinkOptions['exportKeyingMaterial']
  readonly #stream: Duplex
  readonly #clock: TimerClock
  readonly #onRelease: () => void
  readonly #encoder: FrameEncoder
  readonly #decoder: FrameDecoder
  readonly #acceptance: AcceptanceCounter
  readonly #batches: MessageBatches
  #error: Error | undefined
  #closeCode: number | undefined
  #hasSentClose = false
  #isPongUnderway = false
  #cancelClosing = (): void => {}

  /** Reads nothing from the stream until it is attached. */
  constructor(options: MessageLinkOptions) {
    const { stream, role, clock = systemClock } = options
    super(options.localAddress, options.remoteAddress, clock)
    this.exportKeyingMaterial = options.exportKeyingMaterial
    this.#stream = stream
    this.#clock = clock
    this.#onRelease = options.onRelease ?? (() => {})
    this.#encoder = new FrameEncoder(role, options.random)
    this.#acceptance = new AcceptanceCounter((bytes) => this.settle(bytes))
    this.#batches = new MessageBatches({
      isOpen: () => !this.isOver,
      cork: () => stream.cork(),
      uncork: () => stream.uncork(),
      send: (message) => this.#sendMessage(message),
    })
    this.#decoder = new FrameDecoder(role === 'client' ? 'server' : 'client', {
      data: (bytes) => this.#onData(bytes),
      emptyMessage: () => this.#onEmptyMessage(),
      ping: (payload) => this.#onPing(payload),
      close: (code) => this.#onCloseFrame(code),
    })
    stream.pause()
    if (options.head.length > 0) stream.unshift(options.head)
    stream.on('data', (bytes: Uint8Array) => this.#onBytes(bytes))
    // There from the start and for good: a reset may come before the owner attaches or after it let go.
    stream.on('error', (error) => {
      this.#error ??= error
    })
    // Whoever ends the stream says nothing more; without a close frame before, the connection broke.
    stream.on('end', () => stream.end())
    const onClose = (): void => this.#onStreamClose()
    if (stream.closed) this.defer(onClose)
    else stream.on('close', onClose)
  }

  #onBytes(bytes: Uint8Array): void {
    try {
      // A plain Uint8Array: Buffer's `slice` would alias where the rest of the code expects a copy.
      this.#decoder.push(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    } catch (error) {
      if (!isAivError(error, 'E_MALFORMED')) throw error
      this.#reject(error)
    }
  }

  #onData(bytes: Uint8Array): void {
    if (this.isPeerEnded) throw new AivError('E_MALFORMED', 'the peer sent a message after its end')
    this.receive(bytes)
  }

  #onEmptyMessage(): void {
    if (this.isPeerEnded) throw new AivError('E_MALFORMED', 'the peer ended twice')
    this.receiveEnd()
  }

  /** The most recent one is answered, which RFC 6455 section 5.5.3 allows: a flood makes no queue. */
  #onPing(payload: Uint8Array): void {
    if (this.#isPongUnderway || this.#hasSentClose || this.isOver) return
    this.#isPongUnderway = true
    this.#send(this.#encoder.pong(payload), () => {
      this.#isPongUnderway = false
    })
  }

  #onCloseFrame(code: number | undefined): void {
    this.#closeCode = code ?? CLOSE_CODE.normal
    this.#sendClose(code)
    this.#stream.end()
    this.#limitClosing()
  }

  #reject(reason: AivError): void {
    const error = new AivError('E_LINK_LOST', `link to ${this.remoteAddress} lost: ${reason.message}`, {
      cause: reason,
    })
    this.finish(error)
    this.#sendClose(
      reason instanceof TextMessageError ? CLOSE_CODE.unsupportedData : CLOSE_CODE.protocolError,
    )
    this.#stream.end()
    this.#limitClosing()
  }

  #onStreamClose(): void {
    this.#cancelClosing()
    this.#onRelease()
    const isNormal = this.#closeCode === CLOSE_CODE.normal
    const bothEnded = this.isEnded && this.isPeerEnded
    // Another implementation may close without our end message; then its direction ended in order.
    if (isNormal && !this.isPeerEnded && this.#error === undefined) this.receiveEnd()
    if (bothEnded || (isNormal && this.isEnded)) this.finish()
    else this.finish(linkLost(this.remoteAddress, this.#error))
  }

  protected startReading(): void {
    this.#stream.resume()
  }

  protected stopReading(): void {
    this.#stream.pause()
  }

  protected transmit(chunks: readonly Uint8Array[], bytes: number): void {
    this.#batches.add(chunks, bytes)
  }

  #sendMessage(message: Uint8Array): void {
    const { length } = message
    this.#send(this.#encoder.binary(message), () => this.#acceptance.add(length))
  }

  /** @param onTaken called when the stream has taken all of it, never when it broke before */
  #send(frame: readonly Uint8Array[], onTaken?: () => void): void {
    if (!this.#stream.writable) return
    const last = frame.length - 1
    for (let i = 0; i < last; i++) this.#stream.write(frame[i])
    // A write that waited behind a broken one fails first.
    this.#stream.write(frame[last], (error) => {
      if (error === undefined || error === null) onTaken?.()
    })
  }

  #sendClose(code: number | undefined): void {
    if (this.#hasSentClose) return
    this.#hasSentClose = true
    this.#send(this.#encoder.close(code))
  }

  protected transmitEnd(): void {
    this.#batches.flush()
    this.#send(this.#encoder.binary(EMPTY))
  }

  protected bothEnded(): void {
    this.#sendClose(CLOSE_CODE.normal)
    this.#limitClosing()
  }

  /** A peer that does not close in turn does not keep the connection. */
  #limitClosing(): void {
    this.#cancelClosing()
    this.#cancelClosing = this.#clock.schedule(CLOSE_TIMEOUT_MS, () => this.#stream.destroy())
  }

  protected release(): void {
    this.#stream.destroy()
  }

  protected reset(): void {
    this.#stream.destroy()
  }
}
