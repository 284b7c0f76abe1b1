/** A TLS 1.3 client on a connected stream: application data goes in and comes out. */
import { Duplex } from 'node:stream'
import { TlsError } from '../alert.ts'
import type { ClientHandshakeOptions } from './handshake/client-handshake.ts'

import type { SessionTicket } from './handshake/session-resumption.ts'
import { type Negotiated, TlsClient } from './tls-client.ts'

export interface TlsStreamOptions extends Omit<ClientHandshakeOptions, 'layer'> {
  /** Connected; owned by the stream from now on. */
  readonly transport: Duplex
  readonly onTicket?: (ticket: SessionTicket) => void
  /**
   * No close_notify at our end: Chrome sends none, and an onlooker would see its record. For protocols that say
   * themselves what is complete.
   */
  readonly endsSilently?: boolean
}

export class TlsStream extends Duplex {
  readonly #client: TlsClient
  readonly #transport: Duplex
  readonly #onTicket: ((ticket: SessionTicket) => void) | undefined
  readonly #endsSilently: boolean
  #onEstablished: ((negotiated: Negotiated) => void) | undefined

  /** Not yet usable: see {@link connectTls}. */
  constructor(
    { transport, onTicket, endsSilently = false, ...handshake }: TlsStreamOptions,
    onEstablished: (of: Negotiated) => void,
  ) {
    // Each half ends by itself: a server may still answer when we have said goodbye.
    super({ allowHalfOpen: true })
    this.#client = new TlsClient(handshake)
    this.#transport = transport
    this.#onTicket = onTicket
    this.#endsSilently = endsSilently
    this.#onEstablished = onEstablished
    transport.on('data', (bytes: Uint8Array) => this.#onBytes(bytes))
    transport.once('end', () => this.#onTransportEnd())
    transport.once('error', (error: Error) => this.destroy(error))
    transport.once('close', () => this.destroy())
    // A listener alone does not start one that was paused, as one from a SOCKS proxy is.
    transport.resume()
    this.#client.start()
    this.#flush()
  }

  /** See {@link TlsClient.exportKeyingMaterial}. */
  exportKeyingMaterial(label: string, context: Uint8Array, length: number): Uint8Array {
    return this.#client.exportKeyingMaterial(label, context, length)
  }

  override _read(): void {
    this.#transport.resume()
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: (error?: Error | null) => void): void {
    try {
      this.#client.write(chunk)
    } catch (error) {
      callback(error as Error)
      return
    }
    this.#flush(callback)
  }

  override _writev(
    chunks: readonly { readonly chunk: Uint8Array }[],
    callback: (error?: Error | null) => void,
  ): void {
    try {
      for (const { chunk } of chunks) this.#client.write(chunk)
    } catch (error) {
      callback(error as Error)
      return
    }
    this.#flush(callback)
  }

  override _final(callback: (error?: Error | null) => void): void {
    if (!this.#endsSilently) this.#client.close()
    this.#flush(callback)
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#client.destroy()
    this.#transport.destroy()
    callback(error)
  }

  #onBytes(bytes: Uint8Array): void {
    this.#client.isBacklogged = this.#transport.writableLength > 0
    try {
      for (const event of this.#client.receive(bytes)) {
        if (event.kind === 'data') {
          if (!this.push(event.bytes)) this.#transport.pause()
        } else if (event.kind === 'ticket') this.#onTicket?.(event.ticket)
        else if (event.kind === 'end') this.push(null)
        else {
          this.#onEstablished?.(event.negotiated)
          this.#onEstablished = undefined
        }
      }
      const { failure } = this.#client
      if (failure === undefined) this.#flush()
      else this.#fail(failure)
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  #onTransportEnd(): void {
    try {
      this.#client.transportEnded()
    } catch (error) {
      this.#fail(error as Error)
    }
  }

  /** The alert goes out before the connection does. */
  #fail(error: Error): void {
    const first = this.#client.takeOutput()
    const second = this.#client.takeOutput()
    if (second.length > 0) this.#transport.write(first)
    const last = second.length > 0 ? second : first
    if (last.length > 0 && error instanceof TlsError) this.#transport.end(last)
    this.destroy(error)
  }

  #flush(callback?: (error?: Error | null) => void): void {
    const pieces = this.#client.takePieces()
    const last = pieces.length - 1
    // Corked, they go to the kernel in one call, as one array would.
    this.#transport.cork()
    for (let i = 0; i < last; i++) this.#transport.write(pieces[i])
    if (last >= 0) this.#transport.write(pieces[last], callback)
    else callback?.()
    this.#transport.uncork()
  }
}
