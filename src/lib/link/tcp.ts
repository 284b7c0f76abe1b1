/** Links over TCP: the byte stream itself, nothing added. */
import { createServer, type Socket } from 'node:net'
import { attempt } from './attempt.ts'
import { BaseLink } from './base-link.ts'
import { EAGER_WRITE_BYTES } from './constants.ts'
import type { DialOptions, Link, Listener, ListenOptions } from './link.ts'
import { openSocket } from './proxy/open-socket.ts'
import { abortSocket } from './socket/abort-socket.ts'
import { AcceptanceCounter } from './socket/acceptance-counter.ts'
import { bareHost, hostPort } from './socket/host-port.ts'
import { listenerOf, localOf, remoteOf, startListening } from './socket/server.ts'
import { linkLost } from './socket/socket-errors.ts'

export interface TcpDialOptions extends DialOptions {
  /** `http://`, `socks5://` (names resolved here) or `socks5h://` (by the proxy), with optional `user:password@`. */
  readonly proxy?: string
}

/**
 * Dials `host:port`, through a proxy if one is given.
 * @param host name or address; an IPv6 literal with or without brackets
 * @throws AivError `E_UNREACHABLE`, `E_TIMEOUT`, `E_ABORTED`, `E_PERMISSION`, `E_PROXY`, `E_LINK`
 */
export async function dialTcp(host: string, port: number, options: TcpDialOptions = {}): Promise<Link> {
  const target = hostPort(host, port)
  return attempt(`dialling ${target}`, options, async (signal) => {
    const socket = await openSocket(bareHost(host), port, options.proxy, signal)
    return new TcpLink(socket, target)
  })
}

/**
 * The socket alone, for protocols that are no links; half-open without a proxy.
 * @throws AivError as {@link dialTcp}
 */
export async function dialSocket(host: string, port: number, options: TcpDialOptions = {}): Promise<Socket> {
  const { socket } = await attempt(`dialling ${hostPort(host, port)}`, options, async (signal) => {
    const opened = await openSocket(bareHost(host), port, options.proxy, signal)
    return { socket: opened, abort: () => abortSocket(opened) }
  })
  return socket
}

/**
 * Listens on `options.host:options.port`.
 * @throws AivError `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_ABORTED`, `E_LINK`
 */
export async function listenTcp(options: ListenOptions): Promise<Listener> {
  // Paused until the owner attaches; half-open, or the kernel would answer the peer's FIN with ours.
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true })
  server.on('connection', (socket) => options.onLink(new TcpLink(socket, remoteOf(socket))))
  const address = await startListening(server, options)
  return listenerOf('tcp', server, address, options)
}

class TcpLink extends BaseLink {
  readonly kind = 'tcp'
  override readonly copies = true
  readonly #socket: Socket
  readonly #acceptance: AcceptanceCounter
  #corkedBytes = 0

  constructor(socket: Socket, remoteAddress: string) {
    super(localOf(socket), remoteAddress)
    this.#socket = socket
    this.#acceptance = new AcceptanceCounter((bytes) => this.settle(bytes))
    // There from the start and for good: a reset may arrive before the owner attaches or after it let go.
    socket.on('error', () => {})
    socket.on('end', () => this.receiveEnd())
    const onClose = (): void => this.finish(this.#outcome())
    if (socket.closed) this.defer(onClose)
    else socket.on('close', onClose)
  }

  #outcome(): Error | undefined {
    const { errored } = this.#socket
    if (errored !== null) return linkLost(this.remoteAddress, errored)
    return this.isEnded && this.isPeerEnded ? undefined : linkLost(this.remoteAddress)
  }

  protected startReading(): void {
    if (this.#socket.listenerCount('data') === 0) {
      // A plain Uint8Array: Buffer's `slice` would alias where the rest of the code expects a copy.
      this.#socket.on('data', (chunk: Buffer) =>
        this.receive(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)),
      )
    }
    this.#socket.resume()
  }

  protected stopReading(): void {
    this.#socket.pause()
  }

  protected transmit(chunks: readonly Uint8Array[], bytes: number): void {
    if (this.#corkedBytes === 0) {
      this.#socket.cork()
      process.nextTick(() => this.#uncork())
    }
    this.#corkedBytes += bytes
    const last = chunks.length - 1
    for (let i = 0; i < last; i++) this.#socket.write(chunks[i] as Uint8Array)
    // A write that waited behind a broken one fails first.
    this.#socket.write(chunks[last] as Uint8Array, (error) => {
      if (error === undefined || error === null) this.#acceptance.add(bytes)
    })
    if (this.#corkedBytes >= EAGER_WRITE_BYTES) this.#uncork()
  }

  /** Everything written since `cork` goes to the kernel in one call. */
  #uncork(): void {
    if (this.#corkedBytes === 0) return
    this.#corkedBytes = 0
    this.#socket.uncork()
  }

  protected transmitEnd(): void {
    this.#uncork()
    this.#socket.end()
  }

  protected bothEnded(): void {
    // The socket closes itself when both FINs have passed.
  }

  protected release(): void {
    this.#socket.destroy()
  }

  protected reset(): void {
    abortSocket(this.#socket)
  }
}
