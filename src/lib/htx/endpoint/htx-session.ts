/** A session with a peer, as applications hold it. */
import { AivError, systemClock, type TimerClock, toHex } from '../../core/index.ts'
import type { Link } from '../../link/index.ts'
import { CODE, type SessionEnd } from '../codes.ts'
import type { HandshakeResult } from '../handshake/index.ts'
import type { MuxStream, Session, SessionStatistics } from '../session/index.ts'
import { HtxStream, type StreamCore, sessionEndError } from './htx-stream.ts'
import type { MemoryBudget } from './memory-budget.ts'
import { PacedStream, ResetPace } from './paced-stream.ts'

/** SIGTERM grants open streams this long to finish, milliseconds. */
const DRAIN_MS = 10_000

export interface SessionDescription {
  /** Peer id of the other side. */
  readonly peer: string
  /** Text for people and logs. */
  readonly remoteAddress: string
  readonly suite: string
  readonly hybrid: boolean
  /** The session was begun with a ticket of an earlier one. */
  readonly resumed: boolean
  /** 16 hex digits; the same on both sides. */
  readonly sessionId: string
}

/** What a session needs of its link beyond the bytes. */
type SessionLink = Pick<Link, 'remoteAddress' | 'abort'>

interface WaitingPing {
  readonly resolve: (ms: number) => void
  readonly reject: (error: Error) => void
}

/** Sessions of this process so far. */
let sessions = 0

export class HtxSession {
  readonly description: SessionDescription
  /** Less than that of any session that began later in this process. */
  readonly order: number = sessions++
  /** Resolves when the session is over and its link is gone. Never rejects. */
  readonly closed: Promise<SessionEnd>
  readonly #core: Session
  readonly #result: HandshakeResult
  readonly #link: SessionLink
  #onStream: ((stream: HtxStream) => void) | undefined
  /** Streams the peer opened before anybody asked for them; bounded by the accept backlog. */
  #unclaimed: MuxStream[] = []
  /** Those that applications hold. */
  readonly #streams = new Set<HtxStream>()
  readonly #clock: TimerClock
  readonly #resets: ResetPace
  readonly #memory: Pick<MemoryBudget, 'room'>
  /** Those who wait for a PING; the first one's is under way. */
  readonly #pings: WaitingPing[] = []

  constructor(parts: {
    readonly core: Session
    readonly link: SessionLink
    readonly result: HandshakeResult
    readonly peer: string
    readonly closed: Promise<SessionEnd>
    /** Default: the machine's. */
    readonly clock?: TimerClock
    /** Default: no bound. */
    readonly memory?: Pick<MemoryBudget, 'room'>
  }) {
    this.#core = parts.core
    this.#clock = parts.clock ?? systemClock
    this.#resets = new ResetPace(this.#clock)
    this.#memory = parts.memory ?? { room: Number.POSITIVE_INFINITY }
    this.#link = parts.link
    this.#result = parts.result
    this.closed = parts.closed
    void this.closed.then((end) => {
      for (const { reject } of this.#pings.splice(0)) reject(sessionEndError(end))
    })
    this.description = {
      peer: parts.peer,
      remoteAddress: parts.link.remoteAddress,
      suite: parts.result.suite.protocol,
      hybrid: parts.result.suite.hybrid,
      resumed: parts.result.suite.pattern === 'NN',
      sessionId: toHex(parts.result.secrets.sessionId),
    }
  }

  get peer(): string {
    return this.description.peer
  }

  get isOpen(): boolean {
    return this.#core.isOpen
  }

  /** Takes no new streams and ends with the last one. */
  get isDraining(): boolean {
    return this.#core.isDraining
  }

  /** Streams that are open now, by who opened them. */
  get streamsBySide(): { readonly local: number; readonly remote: number } {
    return this.#core.streamsBySide
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

  /** Bytes received and not taken, and bytes written and not sent. */
  get bufferedBytes(): number {
    let bytes = this.#core.bufferedBytes
    for (const stream of this.#streams) bytes += stream.waitingBytes
    return bytes
  }

  /** Bytes that its endpoint can still buffer, this session and all others; negative when that is too much already. */
  get memoryRoom(): number {
    return this.#memory.room
  }

  /**
   * Opens a stream without a service header; `openService` is what most callers want.
   * @param weight share of the link, 1..255; default 16
   * @throws AivError `E_SESSION_CLOSED`, `E_STREAM_LIMIT`
   */
  openStream(weight?: number): HtxStream {
    return this.#wrap(new PacedStream(this.#core.openStream(weight), this.#resets))
  }

  /** Names who gets the streams that the peer opens; those that came before are handed over now. */
  onStream(listener: (stream: HtxStream) => void): void {
    this.#onStream = listener
    const waiting = this.#unclaimed
    this.#unclaimed = []
    for (const stream of waiting) listener(this.#wrap(stream))
  }

  /** For the endpoint: the peer opened a stream. */
  accept(stream: MuxStream): void {
    if (this.#onStream === undefined) this.#unclaimed.push(stream)
    else this.#onStream(this.#wrap(stream))
  }

  /**
   * One PING. Of several at once each waits for the one before: the peer keeps only a few replies, and one that is
   * missing ends the session (section 7).
   * @returns round trip, milliseconds
   * @throws AivError when the session ends before the answer, or the signal aborts
   */
  async ping(signal?: AbortSignal): Promise<number> {
    if (signal?.aborted === true) throw givenUp()
    if (!this.#core.isOpen) throw new AivError('E_SESSION_CLOSED', 'the session is closed')
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const onAbort = (): void => reject(givenUp())
    signal?.addEventListener('abort', onAbort, { once: true })
    this.#pings.push({ resolve, reject })
    if (this.#pings.length === 1) this.#sendPing()
    try {
      return await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /**
   * Bytes for an application that both sides of this session, and nobody else, can compute (section 4.2).
   * @param label 1 to 255 bytes
   * @param length 1 to 8,160 bytes
   * @throws AivError `E_USAGE` outside these ranges, `E_SESSION_CLOSED` once the session is over
   */
  exportKey(label: string, context: Uint8Array, length: number): Uint8Array {
    // Its secret is erased with the session: what came out then would be known to everybody.
    if (!this.#core.isOpen) throw new AivError('E_SESSION_CLOSED', 'the session is closed')
    return this.#result.secrets.exporter.export(label, context, length)
  }

  /** The peer opened a stream that says nothing sensible. More than a few a second end the session. */
  chargeAbuse(): void {
    this.#core.chargeAbuse()
  }

  /** Takes no new streams, lets those open finish, then closes. Resolves when the session is over. */
  async drain(graceMs = DRAIN_MS): Promise<SessionEnd> {
    this.#core.drain()
    const cancel = this.#clock.schedule(graceMs, () => void this.close())
    try {
      return await this.closed
    } finally {
      cancel()
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

  #wrap(stream: StreamCore): HtxStream {
    const wrapped = new HtxStream(stream)
    this.#streams.add(wrapped)
    wrapped.once('close', () => this.#streams.delete(wrapped))
    return wrapped
  }

  #sendPing(): void {
    if (this.#pings.length === 0 || !this.#core.isOpen) return
    this.#core.ping((ms) => {
      this.#pings.shift()?.resolve(ms)
      this.#sendPing()
    })
  }
}

function givenUp(): AivError {
  return new AivError('E_ABORTED', 'the ping was given up')
}
