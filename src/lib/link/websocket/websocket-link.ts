/**
 * A link over a WebSocket: the payloads of binary messages, concatenated; message borders carry no meaning
 * (HTX section 2.2).
 *
 * WebSocket has no half-close. An EMPTY binary message ends the sender's direction, and when both directions have
 * ended the WebSocket closes with code 1000.
 */
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { WebSocket } from 'ws'
import { AivError, EMPTY } from '../../core/index.ts'
import { BaseLink } from '../base-link.ts'
import type { Link } from '../link.ts'
import { MessageBatches } from '../message-batches.ts'
import { AcceptanceCounter } from '../socket/acceptance-counter.ts'
import { localOf } from '../socket/server.ts'
import { linkLost } from '../socket/socket-errors.ts'

const NORMAL_CLOSURE = 1000
const PROTOCOL_ERROR = 1002
const UNSUPPORTED_DATA = 1003
const RAW = { binary: true, compress: false } as const

export class WebSocketLink extends BaseLink {
  readonly kind = 'ws'
  override readonly copies = true
  readonly exportKeyingMaterial?: NonNullable<Link['exportKeyingMaterial']>
  readonly #webSocket: WebSocket
  readonly #socket: Socket
  readonly #acceptance: AcceptanceCounter
  readonly #batches: MessageBatches
  #error: Error | undefined

  /** @param webSocket open and not yet delivering: created in the very callback that opened it */
  constructor(webSocket: WebSocket, socket: Socket, remoteAddress: string) {
    super(localOf(socket), remoteAddress)
    this.#webSocket = webSocket
    this.#socket = socket
    // With TLS 1.2 the exporter is another construction, which does not bind to the whole handshake.
    if (socket instanceof TLSSocket && socket.getProtocol() === 'TLSv1.3') {
      this.exportKeyingMaterial = (length, label, context) =>
        new Uint8Array(socket.exportKeyingMaterial(length, label, Buffer.from(context)))
    }
    this.#acceptance = new AcceptanceCounter((bytes) => this.settle(bytes))
    this.#batches = new MessageBatches({
      isOpen: () => !this.isOver,
      cork: () => socket.cork(),
      uncork: () => socket.uncork(),
      send: (message) => this.#send(message),
    })
    webSocket.pause()
    // Pieces as they are, instead of one more copy to join them.
    webSocket.binaryType = 'fragments'
    webSocket.on('message', (data, isBinary) => this.#onMessage(data as Uint8Array[], isBinary))
    webSocket.on('error', (error) => {
      this.#error ??= error
    })
    webSocket.on('close', (code) => this.#onClose(code))
  }

  #onMessage(pieces: readonly Uint8Array[], isBinary: boolean): void {
    if (!isBinary) this.#reject(UNSUPPORTED_DATA, 'a text message')
    else if (this.isPeerEnded) this.#reject(PROTOCOL_ERROR, 'a message after its end')
    else if (pieces.length === 0) this.receiveEnd()
    else
      for (const piece of pieces)
        this.receive(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength))
  }

  #reject(code: number, what: string): void {
    const error = new AivError('E_LINK_LOST', `link to ${this.remoteAddress} lost: the peer sent ${what}`)
    this.finish(error)
    this.#webSocket.close(code)
  }

  #onClose(code: number): void {
    const bothEnded = this.isEnded && this.isPeerEnded
    // Another implementation may close without our end message; then its direction ended in order.
    if (code === NORMAL_CLOSURE && !this.isPeerEnded && this.#error === undefined) this.receiveEnd()
    if (bothEnded || (code === NORMAL_CLOSURE && this.isEnded)) this.finish()
    else this.finish(linkLost(this.remoteAddress, this.#error ?? this.#socket.errored ?? undefined))
  }

  protected startReading(): void {
    this.#webSocket.resume()
  }

  protected stopReading(): void {
    this.#webSocket.pause()
  }

  protected transmit(chunks: readonly Uint8Array[], bytes: number): void {
    this.#batches.add(chunks, bytes)
  }

  #send(message: Uint8Array): void {
    const { length } = message
    // After the peer's Close every further send fails at once, while the kernel may still be reading earlier ones.
    this.#webSocket.send(message, RAW, (error) => {
      if (error === undefined || error === null) this.#acceptance.add(length)
    })
  }

  protected transmitEnd(): void {
    this.#batches.flush()
    this.#webSocket.send(EMPTY, RAW)
  }

  protected bothEnded(): void {
    this.#webSocket.close(NORMAL_CLOSURE)
  }

  protected release(): void {
    this.#webSocket.terminate()
  }

  protected reset(): void {
    this.#webSocket.terminate()
  }
}
