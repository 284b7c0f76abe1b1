/** What goes into packets and what comes out of them. */
import type { RoutingCommand } from './commands.ts'
import type { UnwrapDropReason } from './drop-reason.ts'

/** One node of a path, as the sender knows it from the directory. */
export interface PathHop {
  /** 32 bytes. */
  readonly id: Uint8Array
  /** The node's mix key of the epoch, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Without the next-hop command, which follows from the path: at most a delay, and at the last hop the recipient. */
  readonly commands: readonly RoutingCommand[]
}

/** What a node does with a packet. Arrays are copies. */
export type Unwrapped =
  | {
      readonly kind: 'forward'
      /** Id of the next node, 32 bytes. */
      readonly next: Uint8Array
      /** As the sender asked; 0 when it did not. */
      readonly delayMs: number
      readonly packet: Uint8Array
      readonly replayTag: Uint8Array
      /** Of what delays of the node's own choice are made: known to sender and node alone. A secret. */
      readonly tau: Uint8Array
    }
  | {
      readonly kind: 'deliver'
      readonly recipient: Uint8Array
      /** Without its tag. */
      readonly payload: Uint8Array
      readonly replayTag: Uint8Array
    }
  | {
      readonly kind: 'reply'
      readonly surbId: Uint8Array
      readonly recipient: Uint8Array
      /** Enciphered with its tag, for the maker of the SURB. */
      readonly payload: Uint8Array
      readonly replayTag: Uint8Array
    }
  | {
      readonly kind: 'drop'
      readonly reason: UnwrapDropReason
      /** Where the header was authentic: it belongs in the replay filter although the packet is dropped. */
      readonly replayTag?: Uint8Array
    }
