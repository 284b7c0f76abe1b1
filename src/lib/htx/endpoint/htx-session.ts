/** A session with a peer, as applications hold it. */
import { AivError, toHex } from '../../core/index.ts'
import type { Link } from '../../link/index.ts'
import { CODE, type SessionEnd } from '../codes.ts'
import type { HandshakeResult } from '../handshake/index.ts'
import type { MuxStream, Session, SessionStatistics } from '../session/index.ts'
import { HtxStream, sessionEndError } from './htx-stream.ts'

/** SIGTERM grants open streams this long to finish, milliseconds. */
const DRAIN_MS = 10_000

export interface SessionDescription {
  /** Peer id of the other side. */
  readonly peer: string
  /** Text for people and logs. */
  readonly remoteAddress: string
  readonly suite: string
  readonly hybrid: boolean
  /** 16 hex digits; the same on both sides. */
  readonly sessionId: string
}

export class HtxSession {
  readonly description: SessionDescription
  /** Resolves when the session is over and its link is gone. Never rejects. */
  readonly closed: Promise<SessionEnd>
  readonly #core: Session
  readonly #result: HandshakeResult
  readonly #link: Link
  #onStream: ((stream: HtxStream) => void) | undefined
  /** Streams the peer opened before anybody asked for them; bounded by the accept backlog. */
  #unclaimed: MuxStream[] = []

  constructor(parts: {
    readonly core: Session
    readonly link: Link
    readonly result: HandshakeResult
    readonly peer: string
    readonly closed: Promise<SessionEnd>
  }) {
    this.#core = parts.core
    this.#link = parts.link
    this.#result = parts.result
    this.closed = parts.closed
    this.description = {
      peer: parts.peer,
      remoteAddress: parts.link.remoteAddress,
      suite: parts.result.suite.protocol,
      hybrid: parts.result.suite.hybrid,
      sessionId: toHex(parts.result.secrets.sessionId),
    }
  }

  get peer(): string {
    return this.description.peer
  }

  get isOpen(): boolean {
    return this.#core.isOpen
  }

  /** Streams that are open now, of both sides. */
  get streamCount(): number {
    return this.#core.streamCount
  }

  get statistics(): SessionStatistics {
    return this.#core.statistics
  }

  /** Smoothed round trip, milliseconds. */
  get roundTripMs(): number {
    return this.#core.roundTripMs
  }

  /** Bytes received and not consumed, and plaintext not sent. */
  get bufferedBytes(): number {
    return this.#core.bufferedBytes
  }

  /**
   * Opens a stream without a service header; `openService` is what most callers want.
   * @param weight share of the link, 1..255; default 16
   * @throws AivError `E_SESSION_CLOSED`, `E_STREAM_LIMIT`
   */
  openStream(weight?: number): HtxStream {
    return new HtxStream(this.#core.openStream(weight))
  }

  /** Names who gets the streams that the peer opens; those that came before are handed over now. */
  onStream(listener: (stream: HtxStream) => void): void {
    this.#onStream = listener
    const waiting = this.#unclaimed
    this.#unclaimed = []
    for (const stream of waiting) listener(new HtxStream(stream))
  }

  /** For the endpoint: the peer opened a stream. */
  accept(stream: MuxStream): void {
    if (this.#onStream === undefined) this.#unclaimed.push(stream)
    else this.#onStream(new HtxStream(stream))
  }

  /**
   * One PING.
   * @returns round trip, milliseconds
   * @throws AivError when the session ends before the answer, or the signal aborts
   */
  async ping(signal?: AbortSignal): Promise<number> {
    return await new Promise<number>((resolve, reject) => {
      const onAbort = (): void => reject(new AivError('E_ABORTED', 'the ping was given up'))
      if (signal?.aborted === true) {
        onAbort()
        return
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#core.ping((ms) => {
        signal?.removeEventListener('abort', onAbort)
        resolve(ms)
      })
      this.closed.then((end) => reject(sessionEndError(end)))
    })
  }

  /**
   * Bytes for an application that both sides of this session, and nobody else, can compute (section 4.2).
   * @param label 1 to 255 bytes
   * @param length 1 to 8,160 bytes
   */
  exportKey(label: string, context: Uint8Array, length: number): Uint8Array {
    return this.#result.secrets.exporter.export(label, context, length)
  }

  /** Takes no new streams, lets those open finish, then closes. Resolves when the session is over. */
  async drain(graceMs = DRAIN_MS): Promise<SessionEnd> {
    this.#core.drain()
    const timer = setTimeout(() => this.close(), graceMs)
    timer.unref()
    try {
      return await this.closed
    } finally {
      clearTimeout(timer)
    }
  }

  /** Ends the session at once; open streams end in error on both sides. */
  async close(code: number = CODE.OK, reason = ''): Promise<SessionEnd> {
    this.#core.close(code, reason)
    return await this.closed
  }

  /** Drops the link without a word, as a cut would. */
  abort(): void {
    this.#link.abort()
  }
}
