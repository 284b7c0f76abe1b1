/** Ends a transfer in which nothing moves: the peer would hold a stream, a file and a claim for nothing. */
import { AivError, type TimerClock } from '../../../../core/index.ts'
import { CODE } from '../../../codes.ts'
import type { HtxStream } from '../../../endpoint/htx-stream.ts'
import { DISK_BYTES_PER_MS, STALL_MS } from '../constants.ts'

export class StallGuard {
  readonly #clock: TimerClock
  readonly #stream: HtxStream
  #movedAt: number
  #patienceMs: number
  #cancel: (() => void) | undefined

  /** @param diskBytes the peer reads or writes this much of its disk before its first byte comes */
  constructor(stream: HtxStream, clock: TimerClock, diskBytes = 0) {
    this.#stream = stream
    this.#clock = clock
    this.#movedAt = clock.now()
    this.#patienceMs = STALL_MS + diskBytes / DISK_BYTES_PER_MS
    this.#arm()
  }

  /** Bytes moved: from now on there is no reason to wait longer than a minute. */
  moved(): void {
    this.#movedAt = this.#clock.now()
    this.#patienceMs = STALL_MS
  }

  /** Stops watching. */
  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }

  /** Looks once a minute: the patience may have become shorter meanwhile. */
  #arm(): void {
    const left = this.#movedAt + this.#patienceMs - this.#clock.now()
    if (left <= 0) this.#stream.abort(CODE.IDLE, new AivError('E_TIMEOUT', 'the transfer stood still'))
    else this.#cancel = this.#clock.schedule(Math.min(left, STALL_MS), () => this.#arm())
  }
}
