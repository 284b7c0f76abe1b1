/** What a ring of mix keys is given, and what it tells. */
import type { RandomSource, TimerClock } from '../../core/index.ts'
import type { ReplayFilterSize, ReplayLogOptions } from '../replay/index.ts'
import type { LossReason } from './live-key.ts'

export interface MixKeyRingOptions {
  /** Folder of this node's keys; made where it is missing. */
  readonly folder: string
  readonly clock: TimerClock
  readonly random: RandomSource
  /** Seconds, 1,200 unless given. All nodes of a network agree on it. */
  readonly epochLengthS?: number | undefined
  /** How long a key is accepted before and after its epoch, milliseconds, half an epoch at most; 2 minutes or that. */
  readonly overlapMs?: number | undefined
  /** Worker threads that open packets. */
  readonly workers: number
  /** Memory and rate of each filter; `workers` is that of the ring. */
  readonly filter?: Omit<ReplayFilterSize, 'workers'> | undefined
  readonly log?: Omit<ReplayLogOptions, 'clock'> | undefined
  /**
   * Names the machine's run since it was switched on; the empty text where that is not known. Only logs that outlive no
   * more than the process need it.
   */
  readonly bootId?: string | undefined
}

export interface LostKey {
  readonly epoch: number
  readonly why: LossReason
}

/** What a look at the clock has changed. */
export interface KeyRingChange {
  /** Other keys are accepted: give them to the workers. */
  readonly accepting: boolean
  /** Other keys belong into the descriptor: publish it. */
  readonly published: boolean
  /** Keys that were given up before their time. */
  readonly lost: readonly LostKey[]
  /** How far the wall clock went beside the monotonic one, if that is more than the usual; forward is positive. */
  readonly clockJumpMs: number
}

/** What the replay filters hold, as an operator reads it. */
export interface ReplayCapacity {
  /** Memory of one filter. */
  readonly bytes: number
  /** Tags of one filter. */
  readonly tags: number
  /** What that carries through one key epoch. */
  readonly packetsPerSecond: number
}
