/**
 * An HTX session after its handshake (sections 5 to 7): a pure state machine. Bytes, calls and time go in; sealed
 * bytes come out of `pull`; events go to the handler. It reads no clock but the injected one and opens no socket.
 */
import { AivError, type Clock, type RandomSource, uniformReal } from '../../core/index.ts'
import { CODE, codeName, ProtocolViolation, type SessionEnd } from '../codes.ts'
import {
  CLOSE_WAIT_MS,
  DEFAULT_WEIGHT,
  FEATURE,
  INCOMPLETE_FRAME_MS,
  PADDING_MOST,
  UNAUTHENTICATED_DELAY_MS,
} from '../constants.ts'
import {
  buildClose,
  buildMaxStreams,
  buildNewTicket,
  buildPadding,
  buildPing,
  buildPriority,
  type CloseFrame,
  type ControlRecord,
  FRAME,
  type Frame,
  FrameOpener,
  FrameSealer,
  type PingFrame,
  type RekeyThresholds,
  type StreamId,
  UnauthenticatedFrame,
} from '../frames/index.ts'
import type { SessionDirections } from '../keys/direction.ts'
import { AbuseBudget } from './abuse-budget.ts'
import { ControlQueue } from './control-queue.ts'
import { KeepAlive } from './keep-alive.ts'
import { LinkRate } from './link-rate.ts'
import type { MuxStream } from './mux-stream.ts'
import { Outbound } from './outbound.ts'
import {
  DEFAULT_LIMITS,
  effectiveIdleTimeoutMs,
  requireGrantableWindows,
  type SessionLimits,
  type SideParameters,
} from './parameters.ts'
import { StreamIntake } from './stream-intake.ts'
import { StreamTable } from './stream-table.ts'

export interface SessionHandler {
  /** The peer opened a stream; it waits in the backlog until its `attach`. */
  stream(stream: MuxStream): void
  /** `pull` has something to give; said again only after a `pull` that emptied it. */
  output(): void
  /** The session is over for the application. Every stream has been told before. */
  end(end: SessionEnd): void
  /** The link can be closed now: whatever had to be said has been pulled. Called once. */
  linkDone(): void
  /** The peer issued a resumption ticket. */
  ticket?(lifetimeSeconds: number, handle: Uint8Array): void
  /** The peer accepts no more streams from us. */
  draining?(): void
}

export interface SessionConfig {
  readonly role: 'client' | 'server'
  readonly clock: Clock
  readonly random: RandomSource
  readonly directions: SessionDirections
  readonly local: SideParameters
  readonly remote: SideParameters
  /** Feature bits that both sides confirmed. */
  readonly features: number
  readonly limits?: Partial<SessionLimits>
  readonly rekey?: RekeyThresholds
  /** False when the process as a whole holds too much: windows then stop growing. */
  readonly mayGrow?: () => boolean
  /** False leaves out the PING right after the handshake (replays of recorded sessions). */
  readonly initialPing?: boolean
}

/** `closing`: our CLOSE is out or queued, the peer's is awaited. `over`: nothing is read or sent any more. */
type State = 'open' | 'closing' | 'over'

export interface SessionStatistics {
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly framesSent: number
  readonly framesReceived: number
  readonly rekeysSent: number
  readonly rekeysReceived: number
}

export class Session {
  readonly config: SessionConfig
  readonly limits: SessionLimits
  readonly #handler: SessionHandler
  readonly #opener: FrameOpener
  readonly #control = new ControlQueue()
  readonly #streams: StreamTable
  readonly #keepAlive: KeepAlive
  readonly #budget: AbuseBudget
  readonly #outbound: Outbound
  readonly #intake: StreamIntake
  readonly #linkRate: LinkRate
  #state: State = 'open'
  #end: SessionEnd | undefined
  #linkDone = false
  /** When the link is given up at the latest, once the session has ended. */
  #linkDeadline = Number.POSITIVE_INFINITY
  #incompleteSince: number | undefined
  #remoteMaxStreams: number
  /** DRAIN was sent: the peer's streams above this are refused. */
  #drainSent: StreamId | undefined
  #drainReceived = false
  /** When an idle session that the peer drains is closed from here. */
  #drainedAt = Number.POSITIVE_INFINITY
  #outputTold = false
  #pulling = false
  #bytesReceived = 0
  #framesReceived = 0
  #rekeysReceived = 0

  constructor(config: SessionConfig, handler: SessionHandler) {
    const { clock, random, directions, local, remote } = config
    this.config = config
    this.limits = { ...DEFAULT_LIMITS, ...config.limits }
    requireGrantableWindows(local, this.limits)
    this.#handler = handler
    this.#opener = new FrameOpener(directions.receive, local.maxFrame)
    this.#streams = new StreamTable(config.role)
    this.#budget = new AbuseBudget(clock)
    this.#linkRate = new LinkRate(clock)
    this.#remoteMaxStreams = remote.maxStreams
    this.#keepAlive = new KeepAlive({
      idleTimeoutMs: effectiveIdleTimeoutMs(local.idleTimeoutMs, remote.idleTimeoutMs),
      random,
      clock,
    })
    this.#outbound = new Outbound({
      sealer: new FrameSealer(directions.send, clock, config.rekey),
      control: this.#control,
      clock,
      remote,
      local,
      linkRate: this.#linkRate,
      sessionHighWater: this.limits.sessionHighWater,
      growth: () => this.#growth(),
      largestWindow: this.limits,
      probe: () => this.#probeRoundTrip(),
      dataSent: (bytes) => this.#budget.dataMoved(bytes),
      streams: this.#streams,
      wake: () => this.#wake(),
      fault: (error) => this.#fault(error),
      streamClosed: (stream) => this.#streamClosed(stream),
    })
    this.#intake = new StreamIntake({
      clock,
      local,
      limits: this.limits,
      streams: this.#streams,
      budget: this.#budget,
      weighted: (config.features & FEATURE.PRIORITIES) !== 0,
      outbound: this.#outbound,
      accept: (stream) => handler.stream(stream),
      refuses: (id) => this.#drainReceived || (this.#drainSent !== undefined && id > this.#drainSent),
    })
    if (config.initialPing !== false) this.#ping(this.#keepAlive.request())
  }

  // Life

  get isOpen(): boolean {
    return this.#state === 'open'
  }

  get end(): SessionEnd | undefined {
    return this.#end
  }

  get isDraining(): boolean {
    return this.#drainSent !== undefined || this.#drainReceived
  }

  get streamCount(): number {
    return this.#streams.size
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
      bytesReceived: this.#bytesReceived,
      framesSent: this.#outbound.framesSent,
      framesReceived: this.#framesReceived,
      rekeysSent: this.#outbound.rekeys,
      rekeysReceived: this.#rekeysReceived,
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
    if (this.#state !== 'open') throw new AivError('E_SESSION_CLOSED', 'the session is closed')
    if (this.#streams.exhausted) this.drain('stream ids are used up')
    if (this.isDraining)
      throw new AivError('E_SESSION_CLOSED', 'the session is draining and takes no new streams')
    if (this.#streams.openByUs >= this.#remoteMaxStreams) {
      throw new AivError('E_STREAM_LIMIT', `the peer allows ${this.#remoteMaxStreams} open streams`)
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
    if (this.#state !== 'open') throw new AivError('E_SESSION_CLOSED', 'the session is closed')
    this.#ping(this.#keepAlive.request(onReply))
  }

  /**
   * Tells the peer how many streams it may have open from now on.
   * @param limit 0..2^32-1; `E_USAGE` otherwise
   */
  setMaxStreams(limit: number): void {
    requireU32(limit, 'stream limit')
    this.#intake.maxStreams = limit
    this.#sendRecord(buildMaxStreams(limit))
  }

  /** Sends padding of 0..3,072 bytes, if the peer tolerates it and nothing else waits: a stalled link hides nothing. */
  pad(length: number): void {
    if ((this.config.features & FEATURE.IDLE_PADDING) === 0 || !this.#control.isEmpty) return
    this.#sendRecord(buildPadding(Math.min(length, PADDING_MOST)))
  }

  /** Changes a stream's share of the link, and asks the peer to do so for its direction. */
  setWeight(stream: MuxStream, weight: number): void {
    requireWeight(weight)
    stream.weight = weight
    if ((this.config.features & FEATURE.PRIORITIES) === 0 || !stream.announced) return
    this.#sendRecord(buildPriority(stream.id, weight))
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
    if ((this.config.features & FEATURE.RESUMPTION) === 0) return
    this.#sendRecord(buildNewTicket(lifetimeSeconds, handle))
  }

  /**
   * Accepts and opens no further streams; those open finish; then the session closes with OK. Repeated with a lower
   * stream it also gives up the streams of the peer above that one.
   */
  drain(reason = '', lastStreamId: StreamId = this.#streams.highestOfPeer): void {
    if (this.#state !== 'open') return
    if (this.#drainSent !== undefined && lastStreamId >= this.#drainSent) return
    this.#drainSent = lastStreamId
    // DRAIN says that none is opened from now on, and goes before data: what is open must be known by then.
    for (const stream of this.#streams.values()) stream.announce()
    this.#guard(() => this.#outbound.control(FRAME.CLOSE, buildClose(CODE.DRAIN, reason, lastStreamId)))
    this.#dropStreamsAbove(lastStreamId, true)
    this.#closeWhenDrained()
  }

  /**
   * Ends the session with a CLOSE; streams that are still open end in error on both sides.
   * @param code of a terminal CLOSE, 0..0xffff
   * @throws AivError `E_USAGE` for DRAIN, which ends nothing, or for what is no code
   */
  close(code: number = CODE.OK, reason = ''): void {
    if (!Number.isInteger(code) || code < 0 || code > 0xffff || code === CODE.DRAIN)
      throw new AivError('E_USAGE', `${code} is not a code to close a session with`)
    if (this.#state !== 'open') return
    this.#close(code, reason)
  }

  // Input

  /** Bytes from the link. */
  receive(chunk: Uint8Array): void {
    if (this.#state === 'over') return
    this.#bytesReceived += chunk.length
    this.#opener.push(chunk)
    const before = this.#framesReceived
    try {
      for (;;) {
        // A handler may have ended the session while it was told about the last frame.
        const frame = (this.#state as State) === 'over' ? undefined : this.#opener.next()
        if (frame === undefined) break
        this.#framesReceived++
        if (this.#state === 'open') this.#act(frame)
        else if (frame.kind === 'close' && frame.code !== CODE.DRAIN) this.#finishOnceSaid()
      }
    } catch (error) {
      this.#fault(error)
      return
    }
    this.#watchIncomplete(this.#framesReceived > before)
  }

  /** The link ended or broke; nothing more will come or go. */
  linkClosed(): void {
    if (this.#state === 'open') {
      this.#over({ cause: 'link-lost', code: CODE.OK, reason: 'the link ended without CLOSE', byPeer: true })
    }
    this.#finishLink()
  }

  /** Call at or after `nextDeadline`. */
  tick(): void {
    const now = this.config.clock.now()
    if (now >= this.#linkDeadline) this.#finishLink()
    if (this.#state !== 'open') return
    const expired = this.#keepAlive.expired()
    if (expired !== undefined) {
      this.#close(expired, codeName(expired))
      return
    }
    if (this.#incompleteSince !== undefined && now - this.#incompleteSince >= INCOMPLETE_FRAME_MS) {
      this.#close(CODE.ENHANCE_CALM, 'a frame took too long')
      return
    }
    if (now >= this.#drainedAt) {
      this.#drainedAt = Number.POSITIVE_INFINITY
      this.#closeWhenDrained()
    }
    if (this.#state === 'open' && this.#keepAlive.takePingDue()) this.#ping(this.#keepAlive.request())
  }

  /** When `tick` is wanted next, monotonic milliseconds; infinity when never. */
  nextDeadline(): number {
    if (this.#linkDone) return Number.POSITIVE_INFINITY
    if (this.#state !== 'open') return this.#linkDeadline
    const frame =
      this.#incompleteSince === undefined
        ? Number.POSITIVE_INFINITY
        : this.#incompleteSince + INCOMPLETE_FRAME_MS
    return Math.min(this.#keepAlive.nextDeadline(), frame, this.#drainedAt)
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
    return this.#state === 'open' ? this.#outbound.hasOutput : !this.#control.isEmpty
  }

  /**
   * Seals frames into `out` until about `budget` bytes are there or nothing waits. A call from within a call gives
   * nothing: its frames would be written before those that were sealed first.
   * @returns bytes appended
   */
  pull(budget: number, out: Uint8Array[]): number {
    this.#outputTold = false
    if (this.#pulling || (this.#state === 'over' && this.#control.isEmpty)) return 0
    this.#pulling = true
    try {
      const bytes = this.#outbound.pull(budget, out, () => this.#state === 'open')
      if (bytes > 0 && this.#outbound.sentActivity) this.#keepAlive.activity()
      return bytes
    } catch (error) {
      this.#fault(error)
      return 0
    } finally {
      this.#pulling = false
    }
  }

  // Incoming frames

  #act(frame: Frame): void {
    switch (frame.kind) {
      case 'stream':
        this.#keepAlive.activity()
        if (frame.dataLength > 0) this.#budget.dataMoved(frame.dataLength)
        this.#intake.receive(frame)
        return
      case 'ping':
        this.#budget.controlFrame()
        this.#actOnPing(frame)
        return
      case 'close':
        this.#actOnClose(frame)
        return
      case 'key-update':
        this.#budget.controlFrame()
        this.#budget.keyUpdate()
        this.#rekeysReceived++
        this.#keepAlive.activity()
        return
      case 'window-update':
        this.#budget.controlFrame()
        this.#keepAlive.activity()
        this.#intake.windowUpdate(frame)
        return
      case 'control':
        this.#budget.controlFrame()
        if (frame.control.record !== 'padding') this.#keepAlive.activity()
        this.#actOnRecord(frame.control)
        return
      case 'extension':
        this.#budget.controlFrame()
        this.#keepAlive.activity()
    }
  }

  #actOnPing(frame: PingFrame): void {
    if (frame.reply) {
      this.#keepAlive.replied(frame.token)
      this.#ping(this.#keepAlive.requestWaiting())
      return
    }
    this.#control.push({
      type: FRAME.PING,
      streamId: undefined,
      plaintext: buildPing(true, frame.token),
      pingReply: true,
    })
    this.#wake()
  }

  #actOnRecord(control: ControlRecord): void {
    switch (control.record) {
      case 'max-streams':
        this.#remoteMaxStreams = control.limit
        return
      case 'priority': {
        if ((this.config.features & FEATURE.PRIORITIES) === 0) return
        const stream = this.#streams.get(control.id)
        if (stream !== undefined) stream.weight = control.weight
        return
      }
      case 'new-ticket':
        if ((this.config.features & FEATURE.RESUMPTION) !== 0) {
          this.#handler.ticket?.(control.lifetimeSeconds, control.handle)
        }
        return
      case 'padding':
      case 'extension':
        return
    }
  }

  #actOnClose(frame: CloseFrame): void {
    if (frame.code !== CODE.DRAIN) {
      // The answer carries the same code; then the link is done.
      this.#control.replaceWithClose(buildClose(frame.code, ''), () => this.#finishLink())
      this.#over({ cause: 'closed', code: frame.code, reason: frame.reason, byPeer: true })
      this.#linkDeadline = this.config.clock.now() + CLOSE_WAIT_MS
      this.#wake()
      return
    }
    this.#budget.controlFrame()
    this.#drainReceived = true
    // The peer never processed these: the application may retry them elsewhere.
    this.#dropStreamsAbove(frame.lastStreamId as StreamId, false)
    this.#handler.draining?.()
    // The side that drains closes when nothing is open; this side does so only if it does not.
    this.#drainedAt = this.config.clock.now() + CLOSE_WAIT_MS
  }

  #dropStreamsAbove(last: StreamId, byPeer: boolean): void {
    for (const stream of [...this.#streams.values()])
      if (stream.byPeer === byPeer && stream.id > last) stream.refusedByDrain()
  }

  // Ends

  #streamClosed(stream: MuxStream): void {
    this.#streams.delete(stream)
    this.#intake.streamClosed(stream)
    this.#closeWhenDrained()
  }

  #closeWhenDrained(): void {
    if (this.#state === 'open' && this.isDraining && this.#streams.size === 0) this.#close(CODE.OK, 'drained')
  }

  #close(code: number, reason: string): void {
    this.#control.replaceWithClose(buildClose(code, reason), () => {
      if (this.#state === 'over') this.#finishLink()
      else this.#linkDeadline = this.config.clock.now() + CLOSE_WAIT_MS
    })
    this.#state = 'closing'
    // Bounds the wait even when the link takes nothing any more.
    this.#linkDeadline = this.config.clock.now() + CLOSE_WAIT_MS
    this.#tellEnd({ cause: 'closed', code, reason, byPeer: false })
    this.#wake()
  }

  #fault(error: unknown): void {
    if (error instanceof ProtocolViolation) {
      if (this.#state === 'open') this.#close(error.closeCode, error.message)
      else this.#finishOnceSaid()
      return
    }
    if (error instanceof UnauthenticatedFrame) {
      const { clock, random } = this.config
      // Answering, or closing at once, would tell an attacker which byte was wrong.
      this.#control.clear()
      this.#linkDeadline = clock.now() + uniformReal(random, 0, UNAUTHENTICATED_DELAY_MS)
      this.#over({ cause: 'unauthenticated', code: CODE.AUTH_FAILED, reason: error.message, byPeer: true })
      return
    }
    throw error
  }

  #over(end: SessionEnd): void {
    this.#state = 'over'
    this.#opener.discard()
    this.#tellEnd(end)
  }

  #tellEnd(end: SessionEnd): void {
    if (this.#end !== undefined) return
    this.#end = end
    const streams = [...this.#streams.values()]
    this.#streams.clear()
    this.#outbound.clear()
    for (const stream of streams) stream.sessionEnded(end)
    this.#handler.end(end)
  }

  /** Nothing more is read. Our own CLOSE, if it still waits for the link, goes out before the link is done. */
  #finishOnceSaid(): void {
    this.#state = 'over'
    this.#opener.discard()
    if (this.#control.isEmpty) this.#finishLink()
  }

  #finishLink(): void {
    this.#state = 'over'
    if (this.#linkDone) return
    this.#linkDone = true
    // What still waited would be sealed under erased keys.
    this.#control.clear()
    this.config.directions.send.erase()
    this.config.directions.receive.erase()
    this.#handler.linkDone()
  }

  // Small things

  #growth(): { rttMs: number; maxBytes: number } | undefined {
    if ((this.config.features & FEATURE.WINDOW_GROWTH) === 0) return undefined
    if (this.config.mayGrow?.() === false || this.#keepAlive.roundTrip.inflated) return undefined
    return { rttMs: this.#keepAlive.roundTrip.ms, maxBytes: this.limits.streamWindowMost }
  }

  #probeRoundTrip(): void {
    this.#ping(this.#keepAlive.requestProbe())
  }

  #ping(token: Uint8Array | undefined): void {
    if (token === undefined) return
    this.#guard(() =>
      this.#control.push({
        type: FRAME.PING,
        streamId: undefined,
        plaintext: buildPing(false, token),
        onSealed: () => this.#keepAlive.sent(token),
      }),
    )
    this.#wake()
  }

  #sendRecord(plaintext: Uint8Array): void {
    if (this.#state !== 'open') return
    this.#guard(() => this.#control.push({ type: FRAME.STREAM, streamId: 0, plaintext }))
    this.#wake()
  }

  /** Runs what may overfill the control queue on behalf of the application, not of a frame. */
  #guard(action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#fault(error)
    }
  }

  #watchIncomplete(progressed: boolean): void {
    if (!this.#opener.incomplete) this.#incompleteSince = undefined
    else if (progressed || this.#incompleteSince === undefined)
      this.#incompleteSince = this.config.clock.now()
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
