/** What the thread of the links and its workers tell each other beside packets. */
import type { Geometry } from '../../../sphinx/index.ts'
import type { DelayMode } from '../../directory/index.ts'
import type { SharedReplayFilter } from '../../replay/index.ts'
import type { SlotMemory } from '../memory/packet-slots.ts'
import type { RingMemory } from '../memory/work-ring.ts'

/** How delays of one key epoch are found. */
export interface EpochDelay {
  readonly mode: DelayMode
  /** 1/mu of the delays that the node draws; not looked at in mode `sender`. */
  readonly meanUs: number
  /** The epoch's VRF output, 64 bytes, secret until it is revealed; not looked at in mode `sender`. */
  readonly betaE: Uint8Array
}

export interface WorkerStart {
  /** Number of the worker, from 0. */
  readonly worker: number
  readonly slots: SlotMemory
  readonly ring: RingMemory
  readonly geometry: Geometry
  readonly isProvider: boolean
}

export interface WorkerKey {
  readonly epoch: number
  /** 32 bytes. */
  readonly privateKey: Uint8Array
  readonly filter: SharedReplayFilter
  readonly delay: EpochDelay
}

export type WorkerOrder =
  /** All keys from now on, in the order in which they are tried. */
  { readonly kind: 'keys'; readonly keys: readonly WorkerKey[] } | { readonly kind: 'stop' }

/** One for each order, in order; before them one for the start. */
export type WorkerReply = { readonly kind: 'done' }
