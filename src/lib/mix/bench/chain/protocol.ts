/** What the benchmark and the processes of its chain tell each other. Bytes travel as they are. */

import type { Geometry } from '../../../sphinx/index.ts'
import type { NodeCounts } from '../../node/counters.ts'

export type ChainRequest =
  | {
      readonly kind: 'start'
      readonly geometry: Geometry
      /** `tcp` or `htx+tcp`. */
      readonly scheme: string
      readonly folder: string
      readonly isReceiver: boolean
    }
  | {
      readonly kind: 'directory'
      /** As JSON. */
      readonly text: string
    }
  /** Asks for the counts. */
  | { readonly kind: 'counts' }

export type ChainReply =
  | { readonly kind: 'started'; readonly descriptor: string }
  | { readonly kind: 'listening' }
  | { readonly kind: 'counts'; readonly unaccounted: number; readonly dropped: NodeCounts['dropped'] }
  /** Of the receiver: the numbers of the packets that arrived, each with its time on the wall clock. */
  | { readonly kind: 'arrived'; readonly serials: Uint32Array; readonly wallMs: Float64Array }
  | { readonly kind: 'failed'; readonly message: string }
