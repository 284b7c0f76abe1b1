/** STREAM and WINDOW_UPDATE frames of the peer: which stream they mean, and whether it may exist (section 6.1). */
import type { Clock } from '../../core/index.ts'
import { CODE, ProtocolViolation } from '../codes.ts'
import { DEFAULT_WEIGHT, QUICK_RESET_MS } from '../constants.ts'
import { buildStreamHead, FRAME, type StreamFrame, type WindowUpdateFrame } from '../frames/index.ts'
import type { AbuseBudget } from './abuse-budget.ts'
import type { Draining } from './draining.ts'
import type { Outbound } from './outbound.ts'
import type { SessionLimits, SideParameters } from './parameters.ts'
import type { MuxStream, StreamTable } from './streams/index.ts'

export interface StreamIntakeOptions {
  readonly clock: Clock
  readonly local: SideParameters
  readonly limits: SessionLimits
  readonly streams: StreamTable
  readonly budget: AbuseBudget
  /** False when the handshake did not confirm priorities: weights of the peer then mean nothing. */
  readonly weighted: boolean
  readonly outbound: Outbound
  readonly draining: Draining
  readonly accept: (stream: MuxStream) => void
}

export class StreamIntake {
  readonly #options: StreamIntakeOptions
  readonly #backlog = new Set<MuxStream>()
  /** Streams the peer may have open at once. */
  maxStreams: number

  constructor(options: StreamIntakeOptions) {
    this.#options = options
    this.maxStreams = options.local.maxStreams
  }

  receive(frame: StreamFrame): void {
    const { streams, outbound, budget, clock } = this.#options
    if (frame.dataLength > 0 && !outbound.receiveSession(frame.dataLength)) {
      throw new ProtocolViolation(CODE.FLOW_CONTROL_VIOLATION, 'the session window was exceeded')
    }
    if (isEmpty(frame)) budget.controlFrame()
    const stream = streams.get(frame.id)
    if (stream === undefined) {
      this.#receiveUnknown(frame)
      return
    }
    if (!stream.announced) throw stateError(`stream ${frame.id}, which we have not opened yet`)
    if (frame.weight !== undefined) throw stateError(`OPEN on stream ${frame.id}, which is open`)
    // The RESET that answers our STOP is what the peer owes us, however quick.
    const isAnswer = frame.stop === undefined && stream.isStopped
    if (isAbort(frame) && !isAnswer && stream.byPeer && clock.now() - stream.openedAt < QUICK_RESET_MS)
      budget.refusedOrQuicklyReset()
    stream.receiveFrame(frame)
  }

  windowUpdate(frame: WindowUpdateFrame): void {
    const { streams, outbound } = this.#options
    if (frame.id === 0) {
      outbound.addSessionCredit(frame.credit)
      return
    }
    const stream = streams.get(frame.id)
    if (stream?.announced === true) stream.addCredit(frame.credit)
    else if (stream !== undefined || streams.stateOf(frame.id) !== 'closed')
      throw stateError(`credit for stream ${frame.id}, which never was`)
  }

  streamClosed(stream: MuxStream): void {
    this.#backlog.delete(stream)
  }

  #receiveUnknown(frame: StreamFrame): void {
    const { streams, outbound, budget, limits, weighted } = this.#options
    const state = streams.stateOf(frame.id)
    if (state === 'closed') {
      outbound.sessionConsumed(frame.dataLength)
      return
    }
    if (state === 'unopened') throw stateError(`stream ${frame.id} has our parity and was never opened`)
    if (frame.weight === undefined) throw stateError(`stream ${frame.id} begins without OPEN`)
    streams.spend(frame.id)
    if (this.#refuse(frame)) return
    if (isAbort(frame)) budget.refusedOrQuicklyReset()
    const weight = weighted ? frame.weight : DEFAULT_WEIGHT
    const stream = outbound.create(frame.id, true, weight, limits.streamHighWater)
    this.#backlog.add(stream)
    this.#options.accept(stream)
    if (stream.accepted) this.#backlog.delete(stream)
    // Whoever was offered the stream may have ended the session.
    if (!stream.isClosed) stream.receiveFrame(frame)
  }

  #refuse(frame: StreamFrame): boolean {
    const { streams, outbound, budget, limits, draining } = this.#options
    const tooLate = draining.refuses(frame.id)
    if (!tooLate && streams.openByPeer < this.maxStreams && this.#backlogLength() < limits.backlog)
      return false
    // A stream that crossed our DRAIN on the way is no abuse, but answering it is not free either.
    if (tooLate) budget.controlFrame()
    else budget.refusedOrQuicklyReset()
    outbound.sessionConsumed(frame.dataLength)
    const plaintext = buildStreamHead({ reset: CODE.STREAM_REFUSED, stop: CODE.STREAM_REFUSED })
    outbound.control(FRAME.STREAM, plaintext, frame.id)
    return true
  }

  #backlogLength(): number {
    for (const stream of this.#backlog) if (stream.accepted) this.#backlog.delete(stream)
    return this.#backlog.size
  }
}

function isAbort(frame: StreamFrame): boolean {
  return frame.reset !== undefined || frame.stop !== undefined
}

/** Neither a flag nor data: legal, and good for nothing. */
function isEmpty(frame: StreamFrame): boolean {
  return frame.dataLength === 0 && !frame.fin && !isAbort(frame) && frame.weight === undefined
}

function stateError(message: string): ProtocolViolation {
  return new ProtocolViolation(CODE.STREAM_STATE_ERROR, message)
}
