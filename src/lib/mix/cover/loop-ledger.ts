/** Loops on their way: which came back, which are lost, and whether somebody holds them up (n-1 attack). */
import { AivError, toHex } from '../../core/index.ts'
import { FALSE_ALARMS_PER_DAY, MAX_LAG_US, MOST_LOOPS } from './constants.ts'
import { LossDetector, lossThresholds } from './loss-detector.ts'
import { type SegmentCount, SegmentStatistics } from './segment-statistics.ts'

const DAY_US = 86_400_000_000

export interface LoopLedgerOptions {
  /** Mean time between two loops, microseconds: how often the alarm could be false. */
  readonly meanUs: number
  /** After which a loop is lost; see `loopTimeoutUs`. */
  readonly timeoutUs: number
  /** Loops that are remembered; default 8,192. */
  readonly mostLoops?: number
}

export interface LoopCounts {
  readonly completed: number
  readonly lost: number
  /** On their way. */
  readonly pending: number
  /** Forgotten without an outcome: too many at once, or the machine slept. */
  readonly unjudged: number
  /** Came back after their timeout, or twice, or were never sent. */
  readonly unknown: number
}

interface PendingLoop {
  /** From the sender through all nodes and back to it. */
  readonly path: readonly Uint8Array[]
  readonly sentUs: number
}

export class LoopLedger {
  readonly #timeoutUs: number
  readonly #mostLoops: number
  /** By id, in order of sending. */
  readonly #pending = new Map<string, PendingLoop>()
  readonly #segments = new SegmentStatistics()
  readonly #detector: LossDetector
  #lastUs = Number.NEGATIVE_INFINITY
  #completed = 0
  #lost = 0
  #unjudged = 0
  #unknown = 0

  constructor({ meanUs, timeoutUs, mostLoops = MOST_LOOPS }: LoopLedgerOptions) {
    if (!(meanUs > 0) || !(timeoutUs > 0) || !(mostLoops >= 1))
      throw new AivError('E_USAGE', 'loops need a rate, a timeout and room')
    this.#timeoutUs = timeoutUs
    this.#mostLoops = mostLoops
    this.#detector = new LossDetector(lossThresholds(FALSE_ALARMS_PER_DAY / 2, DAY_US / meanUs))
  }

  /** True while more loops get lost than honest nodes lose: packets of others are probably held back as well. */
  get isBlocked(): boolean {
    return this.#detector.isAlarmed
  }

  get counts(): LoopCounts {
    return {
      completed: this.#completed,
      lost: this.#lost,
      pending: this.#pending.size,
      unjudged: this.#unjudged,
      unknown: this.#unknown,
    }
  }

  /**
   * Notes a loop that is sent now.
   * @param id random bytes that only the sender knows until the loop comes back: others could else answer for it
   * @param path from the sender through all nodes and back to it
   */
  sent(id: Uint8Array, path: readonly Uint8Array[], nowUs: number): void {
    if (this.#pending.size >= this.#mostLoops) this.#unjudged++
    else this.#pending.set(toHex(id), { path, sentUs: nowUs })
  }

  /** Notes a loop that came back. @returns microseconds that it took; undefined for none that is waited for */
  returned(id: Uint8Array, nowUs: number): number | undefined {
    const key = toHex(id)
    const loop = this.#pending.get(key)
    if (loop === undefined) {
      this.#unknown++
      return undefined
    }
    this.#pending.delete(key)
    this.#completed++
    this.#judge(loop, false)
    return nowUs - loop.sentUs
  }

  /**
   * Gives up loops that are out too long. Called at least once a second: a longer pause means that this machine slept,
   * and then loops were lost here and not on the way.
   * @returns true when the alarm is raised
   */
  expire(nowUs: number): boolean {
    const slept = nowUs - this.#lastUs > this.#timeoutUs + MAX_LAG_US && Number.isFinite(this.#lastUs)
    this.#lastUs = Math.max(this.#lastUs, nowUs)
    let isRaised = false
    for (const [key, loop] of this.#pending) {
      if (nowUs - loop.sentUs <= this.#timeoutUs) break
      this.#pending.delete(key)
      if (slept) this.#unjudged++
      else {
        this.#lost++
        isRaised = this.#judge(loop, true) || isRaised
      }
    }
    return isRaised
  }

  /** Segments by how loops fared on them since the last call: what a node reports with its descriptor. */
  takeSegments(): SegmentCount[] {
    const counts = this.#segments.counts()
    this.#segments.clear()
    return counts
  }

  /** Segments that lose too many loops, false once in two days at most when asked once a day. */
  suspects(): SegmentCount[] {
    return this.#segments.suspects(FALSE_ALARMS_PER_DAY / 2)
  }

  #judge({ path }: PendingLoop, isLost: boolean): boolean {
    this.#segments.add(path, isLost)
    return this.#detector.add(isLost)
  }
}
