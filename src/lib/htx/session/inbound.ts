/**
 * Everything a session receives: bytes become frames, and each frame is charged to the peer's budget and given to the
 * part of the session that it concerns.
 */
import type { Clock } from '../../core/index.ts'
import { CODE } from '../codes.ts'
import { INCOMPLETE_FRAME_MS } from '../constants.ts'
import type { CloseFrame, Frame, StreamId } from '../frames/index.ts'
import type { AbuseBudget } from './abuse-budget.ts'
import type { Draining } from './draining.ts'
import { type FrameCounts, noFrames } from './frame-counts.ts'
import type { Opener } from './framing.ts'
import type { SessionControls } from './session-controls.ts'
import type { SessionEnding } from './session-ending.ts'
import type { StreamIntake } from './stream-intake.ts'
import type { IdlePadding, KeepAlive } from './timing/index.ts'

export interface InboundOptions {
  readonly opener: Opener
  readonly clock: Clock
  readonly budget: AbuseBudget
  readonly keepAlive: KeepAlive
  readonly controls: SessionControls
  readonly intake: StreamIntake
  readonly draining: Draining
  readonly ending: SessionEnding
  /** Told of each frame of a stream; absent where silence is not padded. */
  readonly padding: IdlePadding | undefined
}

export class Inbound {
  readonly #options: InboundOptions
  #bytesReceived = 0
  #framesReceived = 0
  readonly #frames = noFrames()
  #rekeys = 0
  #deadline = Number.POSITIVE_INFINITY

  constructor(options: InboundOptions) {
    this.#options = options
  }

  get bytesReceived(): number {
    return this.#bytesReceived
  }

  get framesReceived(): number {
    return this.#framesReceived
  }

  get frames(): Readonly<FrameCounts> {
    return this.#frames
  }

  get rekeys(): number {
    return this.#rekeys
  }

  /** When a frame that has begun must be whole, monotonic milliseconds; infinity when none has. */
  get deadline(): number {
    return this.#deadline
  }

  /** Bytes from the link. */
  receive(chunk: Uint8Array): void {
    const { opener, ending } = this.#options
    if (ending.isOver) return
    this.#bytesReceived += chunk.length
    opener.push(chunk)
    const before = this.#framesReceived
    try {
      for (;;) {
        // A handler may have ended the session while it was told about the last frame.
        const frame = ending.isOver ? undefined : opener.next()
        if (frame === undefined) break
        this.#framesReceived++
        this.#frames[frame.kind]++
        if (ending.isOpen) this.#act(frame)
        else if (frame.kind === 'close' && frame.code !== CODE.DRAIN) ending.finishOnceSaid()
      }
    } catch (error) {
      ending.fault(error)
      return
    }
    this.#watchIncomplete(this.#framesReceived > before)
  }

  #act(frame: Frame): void {
    const { budget, keepAlive, controls, intake, padding } = this.#options
    switch (frame.kind) {
      case 'stream':
        keepAlive.activity()
        padding?.dataMoved()
        if (frame.dataLength > 0) budget.dataMoved(frame.dataLength)
        intake.receive(frame)
        return
      case 'ping':
        budget.controlFrame()
        controls.receivePing(frame)
        return
      case 'close':
        this.#actOnClose(frame)
        return
      case 'key-update':
        budget.controlFrame()
        budget.keyUpdate()
        this.#rekeys++
        keepAlive.activity()
        return
      case 'window-update':
        budget.controlFrame()
        keepAlive.activity()
        intake.windowUpdate(frame)
        return
      case 'control':
        budget.controlFrame()
        if (frame.control.record !== 'padding') keepAlive.activity()
        controls.receiveRecord(frame.control)
        return
      case 'extension':
        budget.controlFrame()
        keepAlive.activity()
    }
  }

  #actOnClose(frame: CloseFrame): void {
    const { budget, draining, ending } = this.#options
    if (frame.code !== CODE.DRAIN) {
      ending.closedByPeer(frame.code, frame.reason)
      return
    }
    budget.controlFrame()
    draining.receive(frame.lastStreamId as StreamId)
  }

  #watchIncomplete(progressed: boolean): void {
    const { opener, clock } = this.#options
    if (!opener.incomplete) this.#deadline = Number.POSITIVE_INFINITY
    else if (progressed || this.#deadline === Number.POSITIVE_INFINITY)
      this.#deadline = clock.now() + INCOMPLETE_FRAME_MS
  }
}
