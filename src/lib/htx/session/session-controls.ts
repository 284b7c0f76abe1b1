/** PING and the control records of stream 0 (section 5.1), both ways. */
import { FEATURE, PADDING_MOST } from '../constants.ts'
import {
  buildMaxStreams,
  buildNewTicket,
  buildPadding,
  buildPing,
  buildPriority,
  type ControlRecord,
  FRAME,
  type PingFrame,
} from '../frames/index.ts'
import type { ControlQueue } from './control-queue.ts'
import type { SessionEnding } from './session-ending.ts'
import type { SessionHandler } from './session-types.ts'
import type { MuxStream, StreamTable } from './streams/index.ts'
import type { KeepAlive } from './timing/index.ts'

export interface SessionControlsOptions {
  /** Feature bits that both sides confirmed. */
  readonly features: number
  readonly queue: ControlQueue
  readonly keepAlive: KeepAlive
  readonly streams: StreamTable
  readonly handler: SessionHandler
  /** Streams the peer lets us have open at once, until it says otherwise. */
  readonly maxStreams: number
  readonly ending: SessionEnding
  /** Sends a record of padding when nothing else wants to go out. */
  readonly padding: (plaintext: Uint8Array) => void
  readonly wake: () => void
}

export class SessionControls {
  readonly #options: SessionControlsOptions
  #maxStreams: number

  constructor(options: SessionControlsOptions) {
    this.#options = options
    this.#maxStreams = options.maxStreams
  }

  /** Streams the peer lets us have open at once. */
  get maxStreams(): number {
    return this.#maxStreams
  }

  has(feature: number): boolean {
    return (this.#options.features & feature) !== 0
  }

  /** Queues a PING with the token of the keep-alive; nothing when it gave none. */
  ping(token: Uint8Array | undefined): void {
    if (token === undefined) return
    const { queue, keepAlive } = this.#options
    this.#guard(() =>
      queue.push({
        type: FRAME.PING,
        streamId: undefined,
        plaintext: buildPing(false, token),
        onSealed: () => keepAlive.sent(token),
      }),
    )
  }

  /** How many streams the peer may have open at once from now on. */
  sendMaxStreams(limit: number): void {
    this.#record(buildMaxStreams(limit))
  }

  /** Asks the peer for this share of the link in its direction of the stream. */
  sendWeight(stream: MuxStream): void {
    if (this.has(FEATURE.PRIORITIES) && stream.announced)
      this.#record(buildPriority(stream.id, stream.weight))
  }

  /** @param handle 16 bytes */
  sendTicket(lifetimeSeconds: number, handle: Uint8Array): void {
    if (this.has(FEATURE.RESUMPTION)) this.#record(buildNewTicket(lifetimeSeconds, handle))
  }

  /** Padding of at most 3,072 bytes, unless something else waits. */
  pad(length: number): void {
    const { ending, padding } = this.#options
    if (this.has(FEATURE.IDLE_PADDING) && ending.isOpen) padding(buildPadding(Math.min(length, PADDING_MOST)))
  }

  /** Answers a request at once, or takes a reply. */
  receivePing(frame: PingFrame): void {
    const { queue, keepAlive, wake } = this.#options
    if (frame.reply) {
      keepAlive.replied(frame.token)
      this.ping(keepAlive.requestWaiting())
      return
    }
    const plaintext = buildPing(true, frame.token)
    queue.push({ type: FRAME.PING, streamId: undefined, plaintext, pingReply: true })
    wake()
  }

  receiveRecord(control: ControlRecord): void {
    switch (control.record) {
      case 'max-streams':
        this.#maxStreams = control.limit
        return
      case 'priority': {
        const stream = this.has(FEATURE.PRIORITIES) ? this.#options.streams.get(control.id) : undefined
        if (stream !== undefined) stream.weight = control.weight
        return
      }
      case 'new-ticket':
        if (this.has(FEATURE.RESUMPTION)) {
          this.#options.handler.ticket?.(control.lifetimeSeconds, control.handle)
        }
        return
      case 'padding':
      case 'extension':
        return
    }
  }

  #record(plaintext: Uint8Array): void {
    const { queue, ending } = this.#options
    if (!ending.isOpen) return
    this.#guard(() => queue.push({ type: FRAME.STREAM, streamId: 0, plaintext }))
  }

  #guard(push: () => void): void {
    this.#options.ending.guard(push)
    this.#options.wake()
  }
}
