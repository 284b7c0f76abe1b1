/** A listener on the loopback interface that reads hellos and never answers. */
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { isAivError } from '../../../core/index.ts'
import { GrowingBytes } from '../../growing-bytes.ts'
import { HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'
import { type ClientHello, parseClientHello } from '../../hello/client-hello.ts'
import { serverName } from '../../hello/extensions.ts'
import { HelloStream } from '../../hello/hello-stream.ts'

const LOOPBACK = '127.0.0.1'
const CONNECTIONS_MOST = 1024
/** Longest beginning of a connection that is kept, bytes. */
const BYTES_MOST = 65_536

export interface RecordedHello {
  readonly hello: ClientHello
  /** The name that it asks for; undefined when it asks for none. */
  readonly name: string | undefined
  /** What was sent, from the first record on. */
  readonly bytes: Uint8Array
}

/** @returns whether the connection stays open, without an answer */
export type OnHello = (recorded: RecordedHello) => boolean

export class HelloRecorder {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #onHello: OnHello
  #connections = 0

  /** Listens on a free port. */
  static async listen(onHello: OnHello): Promise<HelloRecorder> {
    const recorder = new HelloRecorder(onHello)
    recorder.#server.listen(0, LOOPBACK)
    await once(recorder.#server, 'listening')
    return recorder
  }

  private constructor(onHello: OnHello) {
    this.#onHello = onHello
    this.#server = createServer((socket) => this.#accept(socket))
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Ends all connections. */
  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #accept(socket: Socket): void {
    socket.on('error', () => {})
    if (this.#connections++ >= CONNECTIONS_MOST) {
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    const bytes = new GrowingBytes()
    const stream = new HelloStream()
    let isKept = false
    socket.on('data', (chunk: Uint8Array) => {
      if (isKept) return
      if (bytes.length + chunk.length > BYTES_MOST) {
        socket.destroy()
        return
      }
      bytes.append(chunk)
      const [message] = stream.push(chunk)
      if (message !== undefined) isKept = this.#keep(message, bytes.bytes.slice())
      const isOver = message === undefined ? stream.isDone : !isKept
      if (isOver) socket.destroy()
    })
  }

  #keep(message: Uint8Array, bytes: Uint8Array): boolean {
    try {
      const hello = parseClientHello(message.subarray(HANDSHAKE_HEADER_BYTES))
      const name = serverName(hello)
      return this.#onHello({ hello, bytes, name: name && Buffer.from(name).toString('latin1') })
    } catch (error) {
      if (isAivError(error, 'E_MALFORMED')) return false
      throw error
    }
  }
}
