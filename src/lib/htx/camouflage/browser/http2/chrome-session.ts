/** One HTTP/2 connection as Chrome has it: requests, answers, and WebSockets as streams (RFC 8441). */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2'
import type { Duplex } from 'node:stream'
import { AivError } from '../../../../core/index.ts'
import type { BrowserRequest } from '../request/requests.ts'
import { ChromeWire } from './chrome-wire.ts'
import { CHROME_CONNECTION_WINDOW, CHROME_SETTINGS, SETTING } from './constants.ts'
import { requestBlock } from './request-block.ts'
import type { ServerOpening } from './server-opening.ts'

/** Of what has come and is not taken, beside what the windows allow. Megabytes. */
const SESSION_MEMORY = 64

export type Http2Headers = IncomingHttpHeaders & IncomingHttpStatusHeader

export interface Http2Answer {
  readonly stream: ClientHttp2Stream
  readonly status: number
  readonly headers: Http2Headers
  /** The server has finished its direction. */
  readonly ended: Promise<void>
}

export class ChromeSession {
  readonly #session: ClientHttp2Session
  readonly #wire: ChromeWire
  #error: Error | undefined

  /** @param tls established, with `h2` agreed; owned by the session from now on */
  constructor(tls: Duplex, authority: string) {
    this.#wire = new ChromeWire(tls)
    const [[, headerTableSize], , [, initialWindowSize], [, maxHeaderListSize]] = CHROME_SETTINGS as [
      readonly [number, number],
      readonly [number, number],
      readonly [number, number],
      readonly [number, number],
    ]
    this.#session = connect(`https://${authority}`, {
      createConnection: () => this.#wire,
      settings: { headerTableSize, enablePush: false, initialWindowSize, maxHeaderListSize },
      maxSessionMemory: SESSION_MEMORY,
    })
    this.#session.setLocalWindowSize(CHROME_CONNECTION_WINDOW)
    // There for good: a connection may break while nobody waits for it, or when the engine has let go of it.
    const onError = (error: Error): void => {
      this.#error ??= error
    }
    this.#session.on('error', onError)
    this.#wire.on('error', onError)
  }

  /** What the server has said of itself. */
  get opening(): ServerOpening {
    return this.#wire.opening
  }

  /** The server lets streams carry WebSockets. */
  get takesWebSockets(): boolean {
    const settings = this.opening.settings ?? []
    return settings.some(([id, value]) => id === SETTING.enableConnectProtocol && value === 1)
  }

  /**
   * Sends a request, body and all; the stream of a WebSocket stays open.
   * @returns when the head of the answer is there; the stream is paused
   * @throws AivError `E_HANDSHAKE`
   */
  async request(request: BrowserRequest): Promise<Http2Answer> {
    if (this.#session.destroyed || this.#session.closed) throw this.#broken()
    this.#wire.plan(request)
    const pseudo = requestBlock(request).filter(([name]) => name.startsWith(':'))
    const stream = this.#session.request(Object.fromEntries(pseudo), {
      endStream: request.kind === 'page',
    })
    if (request.body !== undefined) stream.end(request.body)
    const answered = Promise.withResolvers<Http2Headers>()
    const ended = Promise.withResolvers<void>()
    // From the start: an answer without content ends before whoever waits for its head goes on.
    stream.once('end', ended.resolve)
    stream.once('close', () => ended.reject(new AivError('E_HANDSHAKE', 'the site broke off its answer')))
    // Whoever waits for it is told; nobody has to.
    ended.promise.catch(() => {})
    stream.once('response', answered.resolve)
    stream.once('error', answered.reject)
    stream.once('close', () => answered.reject(this.#broken()))
    try {
      const headers = await answered.promise
      stream.pause()
      return { stream, headers, status: headers[':status'] ?? 0, ended: ended.promise }
    } catch (error) {
      stream.destroy()
      throw error instanceof AivError ? error : this.#broken(error as Error)
    }
  }

  close(): void {
    this.#session.destroy()
    this.#wire.destroy()
  }

  #broken(error: Error | undefined = this.#error): AivError {
    const why = error === undefined ? '' : `: ${error.message}`
    return new AivError('E_HANDSHAKE', `the site ended its HTTP/2 connection before it had answered${why}`, {
      ...(error === undefined ? {} : { cause: error }),
    })
  }
}
