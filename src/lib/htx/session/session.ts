/**
 * An HTX session after its handshake (sections 5 to 7): a pure state machine. Bytes, calls and time go in; sealed
 * bytes come out of `pull`; events go to the handler. It reads no clock but the injected one and opens no socket.
 *
 * This file is what the application and the driver of the link call, and joins the parts that do the work: `Inbound`
 * reads frames, `Outbound` seals them, `SessionControls` speaks for the session itself, `Draining` and `SessionEnding`
 * lead to its end.
 */
import { AivError } from '../../core/index.ts'
import { CODE, codeName, type SessionEnd } from '../codes.ts'
import { DEFAULT_WEIGHT, FEATURE } from '../constants.ts'
import type { StreamId } from '../frames/index.ts'
import { PING_ECHO_MS } from '../spec12/types.ts'
import { AbuseBudget } from './abuse-budget.ts'
import { ControlQueue } from './control-queue.ts'
import { Draining } from './draining.ts'
import { createFraming } from './framing.ts'
import { Inbound } from './inbound.ts'
import { Outbound } from './outbound.ts'
import {
  DEFAULT_LIMITS,
  effectiveIdleTimeoutMs,
  requireGrantableWindows,
  type SessionLimits,
} from './parameters.ts'
import { SessionControls } from './session-controls.ts'
import { SessionEnding } from './session-ending.ts'
import type { SessionConfig, SessionHandler, SessionStatistics } from './session-types.ts'
import { StreamIntake } from './stream-intake.ts'
import { type MuxStream, StreamTable } from './streams/index.ts'
import { IdlePadding, KeepAlive, LinkRate } from './timing/index.ts'

export class Session {
  readonly config: SessionConfig
  readonly limits: SessionLimits
  readonly #handler: SessionHandler
  readonly #control = new ControlQueue()
  readonly #streams: StreamTable
  readonly #keepAlive: KeepAlive
  readonly #padding: IdlePadding | undefined
  readonly #budget: AbuseBudget
  readonly #linkRate: LinkRate
  readonly #controls: SessionControls
  readonly #outbound: Outbound
  readonly #inbound: Inbound
  readonly #intake: StreamIntake
  readonly #draining: Draining
  readonly #ending: SessionEnding
  #outputTold = false
  #pulling = false

  constructor(config: SessionConfig, handler: SessionHandler) {
    const { clock, random, local, remote } = config
    this.config = config
    this.limits = { ...DEFAULT_LIMITS, ...config.limits }
    requireGrantableWindows(local, this.limits)
    this.#handler = handler
    const { sealer, opener, eraseKeys } = createFraming(config)
    const is12 = config.traffic !== undefined
    this.#streams = new StreamTable(config.role)
    this.#budget = new AbuseBudget(clock)
    this.#linkRate = new LinkRate(clock)
    this.#keepAlive = new KeepAlive({
      idleTimeoutMs: effectiveIdleTimeoutMs(local.idleTimeoutMs, remote.idleTimeoutMs),
      random,
      clock,
      ...(is12 ? { replyMs: PING_ECHO_MS } : {}),
      onRoundTrip: (ms) => handler.roundTrip?.(ms),
    })
    this.#ending = new SessionEnding({
      clock,
      random,
      control: this.#control,
      discardInput: () => opener.discard(),
      ended: (end) => this.#tellEnd(end),
      linkDone: () => {
        eraseKeys()
        handler.linkDone()
      },
      wake: () => this.#wake(),
    })
    this.#controls = new SessionControls({
      features: config.features,
      queue: this.#control,
      keepAlive: this.#keepAlive,
      streams: this.#streams,
      handler,
      maxStreams: remote.maxStreams,
      ending: this.#ending,
      padding: (plaintext) => this.#outbound.pad(plaintext),
      wake: () => this.#wake(),
    })
    const isPadded = this.limits.pad && this.#controls.has(FEATURE.IDLE_PADDING)
    this.#padding = isPadded ? new IdlePadding({ clock, random }) : undefined
    this.#outbound = new Outbound({
      sealer,
      // Without STOP the peer goes on until it has finished: starved of credit it never would.
      grantsAfterStop: is12,
      control: this.#control,
      clock,
      remote,
      local,
      linkRate: this.#linkRate,
      sessionHighWater: this.limits.sessionHighWater,
      growth: () => this.#growth(),
      largestWindow: this.limits,
      probe: () => this.#controls.ping(this.#keepAlive.requestProbe()),
      dataSent: (bytes) => {
        this.#budget.dataMoved(bytes)
        this.#padding?.dataMoved()
      },
      streams: this.#streams,
      wake: () => this.#wake(),
      fault: (error) => this.#ending.fault(error),
      streamClosed: (stream) => this.#streamClosed(stream),
    })
    this.#draining = new Draining({
      clock,
      streams: this.#streams,
      outbound: this.#outbound,
      ending: this.#ending,
      refusedByPeer: () => handler.draining?.(),
    })
    this.#intake = new StreamIntake({
      clock,
      local,
      limits: this.limits,
      streams: this.#streams,
      budget: this.#budget,
      weighted: this.#controls.has(FEATURE.PRIORITIES),
      outbound: this.#outbound,
      draining: this.#draining,
      accept: (stream) => handler.stream(stream),
    })
    this.#inbound = new Inbound({
      opener,
      clock,
      budget: this.#budget,
      keepAlive: this.#keepAlive,
      controls: this.#controls,
      intake: this.#intake,
      draining: this.#draining,
      ending: this.#ending,
      padding: this.#padding,
    })
    if (config.initialPing !== false) this.#controls.ping(this.#keepAlive.request())
  }

  // Life

  get isOpen(): boolean {
    return this.#ending.isOpen
  }

  get end(): SessionEnd | undefined {
    return this.#ending.end
  }

  get isDraining(): boolean {
    return this.#draining.isActive
  }

  get streamCount(): number {
    return this.#streams.size
  }

  /** Open streams by who opened them. */
  get streamsBySide(): { readonly local: number; readonly remote: number } {
    return { local: this.#streams.openByUs, remote: this.#streams.openByPeer }
  }

  /** Smoothed round trip, milliseconds. */
  get roundTripMs(): number {
    return this.#keepAlive.roundTrip.ms
  }

  /** Bytes received and not consumed, and plaintext not sent, in this session. */
  get bufferedBytes(): number {
    return this.#outbound.bufferedBytes
  }

  get statistics(): SessionStatistics {
    return {
      bytesSent: this.#outbound.bytesSent,
      bytesReceived: this.#inbound.bytesReceived,
      framesSent: this.#outbound.framesSent,
      framesReceived: this.#inbound.framesReceived,
      framesSentByKind: { ...this.#outbound.frames },
      framesReceivedByKind: { ...this.#inbound.frames },
      rekeysSent: this.#outbound.rekeys,
      rekeysReceived: this.#inbound.rekeys,
    }
  }

  /**
   * Opens a stream.
   * @param weight share of the link, 1..255
   * @throws AivError `E_SESSION_CLOSED` when the session is over or draining, `E_STREAM_LIMIT` at the peer's limit,
   * `E_USAGE` for a weight that is none
   */
  openStream(weight = DEFAULT_WEIGHT): MuxStream {
    requireWeight(weight)
    if (!this.isOpen) throw new AivError('E_SESSION_CLOSED', 'the session is closed')
    if (this.#streams.exhausted) this.drain('stream ids are used up')
    if (this.isDraining)
      throw new AivError('E_SESSION_CLOSED', 'the session is draining and takes no new streams')
    if (this.#streams.openByUs >= this.#controls.maxStreams) {
      throw new AivError('E_STREAM_LIMIT', `the peer allows ${this.#controls.maxStreams} open streams`)
    }
    const stream = this.#outbound.create(this.#streams.allocate(), false, weight, this.limits.streamHighWater)
    this.#outbound.schedule(stream)
    return stream
  }

  /** For replaying recorded sessions: the id of the next stream opened here. */
  skipStreamsTo(id: number): void {
    this.#streams.skipTo(id)
  }

  /** Asks the peer for an answer. `onReply` gets the round trip in milliseconds; it is not called if the session ends. */
  ping(onReply?: (ms: number) => void): void {
    if (!this.isOpen) throw new AivError('E_SESSION_CLOSED', 'the session is closed')
    this.#controls.ping(this.#keepAlive.request(onReply))
  }

  /**
   * Tells the peer how many streams it may have open from now on.
   * @param limit 0..2^32-1; `E_USAGE` otherwise
   */
  setMaxStreams(limit: number): void {
    requireU32(limit, 'stream limit')
    this.#intake.maxStreams = limit
    this.#controls.sendMaxStreams(limit)
  }

  /** Sends padding of 0..3,072 bytes, if the peer tolerates it and nothing else waits: a stalled link hides nothing. */
  pad(length: number): void {
    this.#controls.pad(length)
  }

  /** Changes a stream's share of the link, and asks the peer to do so for its direction. */
  setWeight(stream: MuxStream, weight: number): void {
    requireWeight(weight)
    stream.weight = weight
    this.#controls.sendWeight(stream)
  }

  /**
   * Issues a resumption ticket.
   * @param handle 16 bytes
   * @throws AivError `E_USAGE` at a client, or for a lifetime or handle of another size
   */
  sendTicket(lifetimeSeconds: number, handle: Uint8Array): void {
    if (this.config.role !== 'server') throw new AivError('E_USAGE', 'only a server issues tickets')
    requireU32(lifetimeSeconds, 'ticket lifetime')
    if (handle.length !== 16) throw new AivError('E_USAGE', 'a ticket handle takes 16 bytes')
    this.#controls.sendTicket(lifetimeSeconds, handle)
  }

  /** The application met abuse that no frame shows, such as a stream without a service header: charges its budget. */
  chargeAbuse(): void {
    if (this.isOpen) this.#ending.guard(() => this.#budget.refusedOrQuicklyReset())
  }

  /**
   * Accepts and opens no further streams; those open finish; then the session closes with OK. Repeated with a lower
   * stream it also gives up the streams of the peer above that one.
   */
  drain(reason = '', lastStreamId: StreamId = this.#streams.highestOfPeer): void {
    if (this.isOpen) this.#draining.send(reason, lastStreamId)
  }

  /**
   * Ends the session with a CLOSE; streams that are still open end in error on both sides.
   * @param code of a terminal CLOSE, 0..0xffff
   * @throws AivError `E_USAGE` for DRAIN, which ends nothing, or for what is no code
   */
  close(code: number = CODE.OK, reason = ''): void {
    if (!Number.isInteger(code) || code < 0 || code > 0xffff || code === CODE.DRAIN)
      throw new AivError('E_USAGE', `${code} is not a code to close a session with`)
    if (!this.isOpen) return
    this.#ending.close(code, reason)
  }

  // Input

  /** Bytes from the link. */
  receive(chunk: Uint8Array): void {
    this.#inbound.receive(chunk)
  }

  /** The link ended or broke; nothing more will come or go. */
  linkClosed(): void {
    this.#ending.linkClosed()
  }

  /** Call at or after `nextDeadline`. */
  tick(): void {
    const now = this.config.clock.now()
    if (now >= this.#ending.deadline) this.#ending.finishLink()
    if (!this.isOpen) return
    const expired = this.#keepAlive.expired()
    if (expired !== undefined) {
      this.#ending.close(expired, codeName(expired))
      return
    }
    if (now >= this.#inbound.deadline) {
      this.#ending.close(CODE.ENHANCE_CALM, 'a frame took too long')
      return
    }
    this.#draining.tick()
    if (!this.isOpen) return
    if (this.#keepAlive.takePingDue()) this.#controls.ping(this.#keepAlive.request())
    const padding = this.#padding?.takeDue()
    if (padding !== undefined) this.pad(padding)
  }

  /** When `tick` is wanted next, monotonic milliseconds; infinity when never. */
  nextDeadline(): number {
    if (!this.isOpen) return this.#ending.deadline
    const padding = this.#padding?.nextDeadline() ?? Number.POSITIVE_INFINITY
    return Math.min(this.#keepAlive.nextDeadline(), this.#inbound.deadline, this.#draining.deadline, padding)
  }

  /** The link has taken `bytes` of what was pulled; `queued` still wait there. */
  linkAccepted(bytes: number, queued: number): void {
    this.#linkRate.accepted(bytes, queued > 0)
  }

  /** How many sealed bytes may wait for the link at this moment. */
  get ahead(): number {
    return this.#linkRate.ahead(this.limits.ahead)
  }

  // Output

  get hasOutput(): boolean {
    return this.isOpen ? this.#outbound.hasOutput : !this.#control.isEmpty
  }

  /**
   * Seals frames into `out` until about `budget` bytes are there or nothing waits. A call from within a call gives
   * nothing: its frames would be written before those that were sealed first.
   * @returns bytes appended
   */
  pull(budget: number, out: Uint8Array[]): number {
    this.#outputTold = false
    if (this.#pulling || (this.#ending.isOver && this.#control.isEmpty)) return 0
    this.#pulling = true
    try {
      const bytes = this.#outbound.pull(budget, out, () => this.isOpen)
      if (bytes > 0 && this.#outbound.sentActivity) this.#keepAlive.activity()
      return bytes
    } catch (error) {
      this.#ending.fault(error)
      return 0
    } finally {
      this.#pulling = false
    }
  }

  // What the parts ask for

  #streamClosed(stream: MuxStream): void {
    this.#streams.delete(stream)
    this.#intake.streamClosed(stream)
    this.#draining.closeWhenIdle()
  }

  #tellEnd(end: SessionEnd): void {
    const streams = [...this.#streams.values()]
    this.#streams.clear()
    this.#outbound.clear()
    for (const stream of streams) stream.sessionEnded(end)
    this.#handler.end(end)
  }

  #growth(): { rttMs: number; maxBytes: number } | undefined {
    if (!this.#controls.has(FEATURE.WINDOW_GROWTH)) return undefined
    if (this.config.mayGrow?.() === false || this.#keepAlive.roundTrip.inflated) return undefined
    return { rttMs: this.#keepAlive.roundTrip.ms, maxBytes: this.limits.streamWindowMost }
  }

  #wake(): void {
    if (this.#outputTold) return
    this.#outputTold = true
    this.#handler.output()
  }
}

function requireWeight(weight: number): void {
  if (!Number.isInteger(weight) || weight < 1 || weight > 255)
    throw new AivError('E_USAGE', `${weight} is not a weight of 1 to 255`)
}

function requireU32(value: number, what: string): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new AivError('E_USAGE', `${value} is not a ${what} of 32 bits`)
}
