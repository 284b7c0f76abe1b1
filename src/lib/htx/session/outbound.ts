/**
 * Everything a session sends: control frames first, then credit, then data by the scheduler (section 6.3). Sealing
 * happens only in `pull`, so that what waits stays plaintext and can still be reordered, dropped or coalesced.
 */
import type { Clock } from '../../core/index.ts'
import { CODE, ProtocolViolation } from '../codes.ts'
import { WINDOW_LIMIT } from '../constants.ts'
import {
  buildStreamHead,
  buildWindowUpdate,
  FRAME,
  RECORD,
  type StreamFlags,
  type StreamId,
} from '../frames/index.ts'
import type { ControlEntry, ControlQueue } from './control-queue.ts'
import { type FrameCounts, frameKind, noFrames } from './frame-counts.ts'
import type { Sealer } from './framing.ts'
import type { SideParameters } from './parameters.ts'
import {
  type GrowthConditions,
  MuxStream,
  ReceiveWindow,
  SendScheduler,
  type StreamPort,
  type StreamTable,
} from './streams/index.ts'
import type { LinkRate } from './timing/index.ts'

/** Bytes of a STREAM plaintext that are not data, at most: flags, weight, code. */
const STREAM_HEAD_MOST = 4
const PLAIN_HEAD = buildStreamHead({})
/** A growing stream window keeps the session window at least this many times as large. */
const SESSION_OVER_STREAM = 1.5

export interface OutboundOptions {
  readonly sealer: Sealer
  /** A stream that we stopped reading still gets credit, for what is thrown away. */
  readonly grantsAfterStop: boolean
  readonly control: ControlQueue
  readonly streams: StreamTable
  readonly clock: Clock
  readonly local: SideParameters
  readonly remote: SideParameters
  readonly linkRate: LinkRate
  readonly sessionHighWater: number
  readonly largestWindow: { readonly sessionWindowMost: number }
  /** Conditions under which a stream window may grow now, undefined when it may not. */
  readonly growth: () => GrowthConditions | undefined
  /** A window grew: the round trip under the new load is worth knowing. */
  readonly probe: () => void
  readonly dataSent: (bytes: number) => void
  readonly wake: () => void
  readonly fault: (error: unknown) => void
  readonly streamClosed: (stream: MuxStream) => void
}

export class Outbound implements StreamPort {
  readonly #options: OutboundOptions
  readonly #scheduler = new SendScheduler()
  readonly #creditDue = new Set<MuxStream>()
  readonly #sessionWindow: ReceiveWindow | undefined
  readonly #maxData: number
  #sessionCredit: number
  #sessionCreditDue = false
  #queued = 0
  /** Writers wait because the session as a whole is full. */
  #writersWait = false
  #bytesSent = 0
  #framesSent = 0
  readonly #frames = noFrames()
  #sentActivity = false
  /** A record that goes out when nothing else does. */
  #padding: Uint8Array | undefined

  constructor(options: OutboundOptions) {
    this.#options = options
    const { local, remote, clock } = options
    this.#sessionCredit = remote.sessionWindow ?? Number.POSITIVE_INFINITY
    this.#sessionWindow =
      local.sessionWindow === undefined ? undefined : new ReceiveWindow(local.sessionWindow, clock.now())
    this.#maxData = remote.maxFrame - STREAM_HEAD_MOST
  }

  get bytesSent(): number {
    return this.#bytesSent
  }

  get framesSent(): number {
    return this.#framesSent
  }

  get frames(): Readonly<FrameCounts> {
    return this.#frames
  }

  get rekeys(): number {
    return this.#options.sealer.rekeys
  }

  get bufferedBytes(): number {
    return this.#queued + (this.#sessionWindow?.unconsumed ?? 0)
  }

  /** True when the last `pull` sent something other than PING and padding. */
  get sentActivity(): boolean {
    return this.#sentActivity
  }

  get hasOutput(): boolean {
    return (
      !this.#options.control.isEmpty ||
      this.#sessionCreditDue ||
      this.#creditDue.size > 0 ||
      this.#padding !== undefined ||
      this.#scheduler.next(this.#sessionCredit) !== undefined
    )
  }

  create(id: StreamId, byPeer: boolean, weight: number, highWater: number): MuxStream {
    const { local, remote, clock, streams } = this.#options
    const stream = new MuxStream({
      id,
      byPeer,
      weight,
      sendCredit: remote.streamWindow,
      receiveWindow: local.streamWindow,
      highWater,
      now: clock.now(),
      port: this,
    })
    streams.add(stream)
    return stream
  }

  /** Queues a control frame. @throws ProtocolViolation ENHANCE_CALM when the queue is full */
  control(type: number, plaintext: Uint8Array, streamId?: StreamId): void {
    this.#options.control.push({ type, streamId, plaintext })
    this.#options.wake()
  }

  /** Queues a record of padding, unless something waits already: a stalled link hides nothing. */
  pad(plaintext: Uint8Array): void {
    if (this.hasOutput) return
    this.#padding = plaintext.subarray(0, this.#options.remote.maxFrame)
    this.#options.wake()
  }

  /** Accounts for data that arrived, against the window of the session; false when it is exceeded. */
  receiveSession(bytes: number): boolean {
    return this.#sessionWindow?.receive(bytes) ?? true
  }

  /** Credit from the peer for the session. */
  addSessionCredit(credit: number): void {
    if (this.#sessionCredit === Number.POSITIVE_INFINITY) return
    if (this.#sessionCredit + credit > WINDOW_LIMIT) {
      throw new ProtocolViolation(CODE.FLOW_CONTROL_VIOLATION, 'a session window above 2^62')
    }
    this.#sessionCredit += credit
    this.#scheduler.sessionCreditAdded()
    if (!this.#scheduler.isEmpty) this.#options.wake()
  }

  clear(): void {
    this.#scheduler.clear()
    this.#creditDue.clear()
    this.#sessionCreditDue = false
    this.#queued = 0
    this.#padding = undefined
  }

  /**
   * @param isOpen false when only control frames may still go out; asked before each frame, since a writer that is
   * woken in between may end the session
   * @returns bytes appended to `out`
   */
  pull(budget: number, out: Uint8Array[], isOpen: () => boolean): number {
    this.#sentActivity = false
    let bytes = 0
    while (bytes < budget) {
      const sealed = this.#sealNext(out, isOpen())
      if (sealed === 0) break
      bytes += sealed
    }
    this.#bytesSent += bytes
    if (this.#writersWait && this.belowHighWater) {
      this.#writersWait = false
      for (const stream of [...this.#options.streams.values()]) stream.wakeWriter()
    }
    return bytes
  }

  // StreamPort

  get grantsAfterStop(): boolean {
    return this.#options.grantsAfterStop
  }

  get belowHighWater(): boolean {
    if (this.#queued < this.#options.sessionHighWater) return true
    this.#writersWait = true
    return false
  }

  schedule(stream: MuxStream): void {
    this.#scheduler.add(stream)
    this.#options.wake()
  }

  sendFlags(stream: MuxStream, flags: StreamFlags): void {
    const plaintext = buildStreamHead(flags)
    try {
      this.control(FRAME.STREAM, plaintext, stream.id)
    } catch (error) {
      this.#options.fault(error)
    }
  }

  creditDue(stream: MuxStream): void {
    this.#creditDue.add(stream)
    this.#options.wake()
  }

  sessionConsumed(bytes: number): void {
    const window = this.#sessionWindow
    if (window === undefined) return
    window.consume(bytes)
    if (!window.updateDue || this.#sessionCreditDue) return
    this.#sessionCreditDue = true
    this.#options.wake()
  }

  queuedChanged(bytes: number): void {
    this.#queued += bytes
  }

  closed(stream: MuxStream): void {
    this.#scheduler.remove(stream)
    this.#creditDue.delete(stream)
    this.#options.streamClosed(stream)
  }

  // Sealing

  #sealNext(out: Uint8Array[], all: boolean): number {
    const { sealer, control } = this.#options
    if (sealer.rekeyDue && (all ? this.hasOutput : !control.isEmpty)) {
      this.#framesSent++
      this.#frames['key-update']++
      this.#sentActivity = true
      return sealer.rekey(out)
    }
    for (let entry = control.shift(); entry !== undefined; entry = control.shift()) {
      const bytes = this.#seal(entry.type, entry.streamId, [entry.plaintext], entry.plaintext.length, out)
      // The framing has no word for it: the next one may be said.
      if (bytes === 0) continue
      if (!isIdle(entry)) this.#sentActivity = true
      entry.onSealed?.()
      return bytes
    }
    if (!all) return 0
    return this.#sealCredit(out) || this.#sealData(out) || this.#sealPadding(out)
  }

  /** Last, and only into a link that waits for nothing, so that no DATA waits behind padding. */
  #sealPadding(out: Uint8Array[]): number {
    const plaintext = this.#padding
    this.#padding = undefined
    if (plaintext === undefined || this.#options.linkRate.isBusy) return 0
    return this.#seal(FRAME.STREAM, 0, [plaintext], plaintext.length, out)
  }

  #sealCredit(out: Uint8Array[]): number {
    const now = this.#options.clock.now()
    for (const stream of this.#creditDue) {
      this.#creditDue.delete(stream)
      const before = stream.window.size
      const credit = stream.window.takeCredit(now, this.#options.growth())
      if (stream.window.size > before) this.#windowGrew(stream.window.size)
      if (credit > 0) return this.#sealWindowUpdate(stream.id, credit, out)
    }
    if (!this.#sessionCreditDue) return 0
    this.#sessionCreditDue = false
    const credit = this.#sessionWindow?.takeCredit(now, undefined) ?? 0
    return credit > 0 ? this.#sealWindowUpdate(0, credit, out) : 0
  }

  #windowGrew(streamWindow: number): void {
    const { sessionWindowMost } = this.#options.largestWindow
    const wanted = Math.min(sessionWindowMost, Math.ceil(streamWindow * SESSION_OVER_STREAM))
    if (this.#sessionWindow !== undefined && wanted > this.#sessionWindow.size) {
      this.#sessionWindow.enlarge(wanted)
      // At once: half of the larger window may never be consumed while only the smaller one is granted.
      this.#sessionCreditDue = true
    }
    this.#options.probe()
  }

  #sealWindowUpdate(id: StreamId, credit: number, out: Uint8Array[]): number {
    const plaintext = buildWindowUpdate(credit)
    this.#sentActivity = true
    return this.#seal(FRAME.WINDOW_UPDATE, id, [plaintext], plaintext.length, out)
  }

  #sealData(out: Uint8Array[]): number {
    const stream = this.#scheduler.next(this.#sessionCredit)
    if (stream === undefined) return 0
    const parts: Uint8Array[] = [PLAIN_HEAD]
    const limit = Math.min(this.#options.linkRate.frameData(this.#maxData), this.#sessionCredit)
    const { bytes, fin, open } = stream.takeFrame(limit, parts)
    let head = PLAIN_HEAD
    if (fin || open) {
      head = buildStreamHead(open ? { fin, open: stream.weight } : { fin })
      parts[0] = head
    }
    this.#padding = undefined
    this.#sessionCredit -= bytes
    this.#scheduler.sent(stream, bytes)
    this.#options.dataSent(bytes)
    this.#sentActivity = true
    const sealed = this.#seal(FRAME.STREAM, stream.id, parts, head.length + bytes, out)
    stream.frameSent(bytes)
    return sealed
  }

  #seal(
    type: number,
    id: StreamId | undefined,
    parts: readonly Uint8Array[],
    length: number,
    out: Uint8Array[],
  ): number {
    const bytes = this.#options.sealer.seal(type, id, parts, length, out)
    if (bytes === 0) return 0
    this.#framesSent++
    this.#frames[frameKind(type, id)]++
    return bytes
  }
}

/** PING and padding keep no session alive. */
function isIdle({ type, streamId, plaintext }: ControlEntry): boolean {
  return type === FRAME.PING || (type === FRAME.STREAM && streamId === 0 && plaintext[0] === RECORD.PADDING)
}
