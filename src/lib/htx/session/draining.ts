/**
 * DRAIN, ours and the peer's (section 7): no new streams from then on; those that are open finish; then the session
 * closes with OK.
 */
import type { Clock } from '../../core/index.ts'
import { CODE } from '../codes.ts'
import { CLOSE_WAIT_MS } from '../constants.ts'
import { buildClose, FRAME, type StreamId } from '../frames/index.ts'
import type { Outbound } from './outbound.ts'
import type { SessionEnding } from './session-ending.ts'
import type { StreamTable } from './streams/index.ts'

export interface DrainingOptions {
  readonly clock: Clock
  readonly streams: StreamTable
  readonly outbound: Outbound
  readonly ending: SessionEnding
  /** The peer accepts no more streams from us. */
  readonly refusedByPeer: () => void
}

export class Draining {
  readonly #options: DrainingOptions
  /** DRAIN was sent: the peer's streams above this are refused. */
  #sent: StreamId | undefined
  #received = false
  /** When an idle session that the peer drains is closed from here. */
  #closeAt = Number.POSITIVE_INFINITY

  constructor(options: DrainingOptions) {
    this.#options = options
  }

  get isActive(): boolean {
    return this.#sent !== undefined || this.#received
  }

  /** When `tick` is wanted, monotonic milliseconds; infinity when never. */
  get deadline(): number {
    return this.#closeAt
  }

  /** True when the peer may not open this new stream any more. */
  refuses(id: StreamId): boolean {
    return this.#received || (this.#sent !== undefined && id > this.#sent)
  }

  /** Sends DRAIN; a second time only to give up streams of the peer above a lower one. */
  send(reason: string, lastStreamId: StreamId): void {
    if (this.#sent !== undefined && lastStreamId >= this.#sent) return
    const { streams, outbound, ending } = this.#options
    this.#sent = lastStreamId
    // DRAIN says that none is opened from now on, and goes before data: what is open must be known by then.
    for (const stream of streams.values()) stream.announce()
    ending.guard(() => outbound.control(FRAME.CLOSE, buildClose(CODE.DRAIN, reason, lastStreamId)))
    this.#dropStreamsAbove(lastStreamId, true)
    this.closeWhenIdle()
  }

  /** The peer drains, and has processed no stream of ours above `lastStreamId`. */
  receive(lastStreamId: StreamId): void {
    this.#received = true
    // The peer never processed these: the application may retry them elsewhere.
    this.#dropStreamsAbove(lastStreamId, false)
    this.#options.refusedByPeer()
    // The side that drains closes when nothing is open; this side does so only if it does not.
    this.#closeAt = this.#options.clock.now() + CLOSE_WAIT_MS
  }

  /** Closes the session if it drains and nothing is open any more; asked when a stream has closed. */
  closeWhenIdle(): void {
    const { streams, ending } = this.#options
    if (ending.isOpen && this.isActive && streams.size === 0) ending.close(CODE.OK, 'drained')
  }

  /** Call at or after `deadline`. */
  tick(): void {
    if (this.#options.clock.now() < this.#closeAt) return
    this.#closeAt = Number.POSITIVE_INFINITY
    this.closeWhenIdle()
  }

  #dropStreamsAbove(last: StreamId, byPeer: boolean): void {
    for (const stream of [...this.#options.streams.values()])
      if (stream.byPeer === byPeer && stream.id > last) stream.refusedByDrain()
  }
}
