/** Why a node drops a packet: a closed list, so that what was received is always accounted for. */
import { UNWRAP_DROP_REASONS, type UnwrapDropReason } from '../sphinx/index.ts'

/** What the node finds beyond the packet itself. Later lists append; an index never changes its meaning. */
const NODE_DROP_REASONS = [
  /** A packet with this header was here before. */
  'replayed',
  /** The replay filter of the packet's key holds all it can: without a place for its tag no packet may pass. */
  'replay_filter_full',
  /** The disk does not take replay tags as fast as they come. */
  'replay_log_behind',
  /** The log of drawn delays takes no more lines: a packet without one would make an honest node look dishonest. */
  'delay_log_full',
  /** The next node is not in the directory. */
  'unknown_next_hop',
  /** The delay is longer than the keys of the next node live. */
  'excessive_delay',
  /** It waited so long for its turn that the delay it asked for has become meaningless. */
  'dwell_exceeded',
  /** No worker, or no slot, is free. */
  'queue_full',
  /** The peer sends more than it may. */
  'rate_limited',
  /** The worker that had it ended. */
  'worker_lost',
  /** It is for a recipient, and this node is a mix only. */
  'not_a_provider',
  /** The link to the next node takes no more, or there is none. */
  'next_hop_unreachable',
  /** The mailbox takes no more, or there is none. */
  'recipient_unavailable',
  /** The node was stopped while it held the packet. */
  'stopped',
] as const

export type DropReason = UnwrapDropReason | (typeof NODE_DROP_REASONS)[number]

/** A drop travels between threads as its place in this list. */
export const DROP_REASONS: readonly DropReason[] = [...UNWRAP_DROP_REASONS, ...NODE_DROP_REASONS]

export function dropReasonIndex(reason: DropReason): number {
  return DROP_REASONS.indexOf(reason)
}
