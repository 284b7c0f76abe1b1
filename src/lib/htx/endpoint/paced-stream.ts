/**
 * Resets of our own streams, as fast as a peer bears them: one that sees too many young streams reset takes that for an
 * attack and ends the session, with everything that others do in it.
 */
import { type TimerClock, TokenBucket } from '../../core/index.ts'
import { OWN_RESETS, RESET_ANSWER_MS, RESET_YOUNG_MS } from '../constants.ts'
import type { StreamId } from '../frames/index.ts'
import type { MuxStream, StreamHandler } from '../session/index.ts'
import type { StreamCore } from './htx-stream.ts'

/** Those of one session. */
export class ResetPace {
  readonly clock: TimerClock
  readonly #budget: TokenBucket

  constructor(clock: TimerClock) {
    this.clock = clock
    this.#budget = new TokenBucket(clock, OWN_RESETS)
  }

  /** A young stream may be reset now. */
  take(): boolean {
    return this.#budget.take()
  }
}

/** A stream that waits with RESET and STOP until it is no longer young, once there have been too many of them. */
export class PacedStream implements StreamCore {
  readonly #stream: MuxStream
  readonly #pace: ResetPace
  /** The peer's first word. It had the stream by then, so it cannot take it for younger than we do. */
  #answeredAt: number | undefined
  /** The peer's direction is over. */
  #hasEnded = false
  /** Bytes that the application has not taken. */
  #unread = 0
  /** What waits. */
  #held: (() => void) | undefined
  #isAborted = false
  #cancel: (() => void) | undefined

  constructor(stream: MuxStream, pace: ResetPace) {
    this.#stream = stream
    this.#pace = pace
  }

  get id(): StreamId {
    return this.#stream.id
  }

  get byPeer(): boolean {
    return this.#stream.byPeer
  }

  get queuedBytes(): number {
    return this.#stream.queuedBytes
  }

  attach(handler: StreamHandler): void {
    this.#stream.attach({
      data: (chunks, bytes) => {
        this.#answered()
        this.#unread += bytes
        if (this.#held === undefined) handler.data(chunks, bytes)
        else this.#giveBack()
      },
      finished: () => {
        this.#hasEnded = true
        this.#answered()
        if (this.#held === undefined) handler.finished()
      },
      reset: (code) => {
        this.#hasEnded = true
        this.#answered()
        if (this.#held === undefined) handler.reset(code)
      },
      stopped: (code) => {
        this.#answered()
        if (!this.#isAborted) handler.stopped(code)
      },
      writable: () => {
        if (!this.#isAborted) handler.writable()
      },
      closed: (end) => {
        this.#cancel?.()
        this.#held = undefined
        handler.closed(end)
      },
    })
  }

  write(chunk: Uint8Array): boolean {
    return this.#stream.write(chunk)
  }

  finish(): void {
    this.#stream.finish()
  }

  consumed(bytes: number): void {
    // It has been given back.
    if (this.#held !== undefined) return
    this.#unread -= bytes
    this.#stream.consumed(bytes)
  }

  stop(code: number): void {
    // Nothing is sent for a direction that is over.
    if (this.#hasEnded) this.#stream.stop(code)
    else if (this.#held === undefined) this.#whenBearable(() => this.#stream.stop(code))
  }

  abort(code: number): void {
    if (this.#isAborted) return
    this.#isAborted = true
    const abort = (): void => this.#stream.abort(code)
    if (this.#held === undefined) this.#whenBearable(abort)
    else this.#held = abort
  }

  #whenBearable(act: () => void): void {
    const { isClosed, announced } = this.#stream
    if (isClosed || !announced || this.#youthMs === 0 || this.#pace.take()) act()
    else {
      this.#held = act
      this.#giveBack()
      this.#wait()
    }
  }

  /** How long the peer may still take it for young, milliseconds. */
  get #youthMs(): number {
    if (this.#answeredAt === undefined) return RESET_ANSWER_MS
    return Math.max(0, this.#answeredAt + RESET_YOUNG_MS - this.#pace.clock.now())
  }

  #wait(): void {
    this.#cancel?.()
    this.#cancel = this.#pace.clock.schedule(this.#youthMs, () => {
      const act = this.#held
      this.#held = undefined
      act?.()
    })
  }

  /** Nobody reads it, and the session's window is shared: it must not stay full until the stream is old enough. */
  #giveBack(): void {
    const bytes = this.#unread
    this.#unread = 0
    this.#stream.consumed(bytes)
  }

  #answered(): void {
    if (this.#answeredAt !== undefined) return
    this.#answeredAt = this.#pace.clock.now()
    if (this.#held !== undefined) this.#wait()
  }
}
