/** Why an unwrap ends without a packet or a payload: a closed list, so that every drop is counted under one of them. */

/** In the order in which the checks are made. Later lists append; an index never changes its meaning. */
export const UNWRAP_DROP_REASONS = [
  /** Not as long as every packet of the network. */
  'wrong_length',
  /** The associated data is not that of version 0.0. */
  'unknown_version',
  /** The node holds no mix key that could fit. */
  'no_mix_key',
  /** The group element is of low order: everybody would know the shared secret. */
  'low_order_point',
  /** The MAC of the header fits none of the node's keys: damaged, forged, or for another node or epoch. */
  'bad_mac',
  /** The slot of this hop is no list of routing commands. */
  'malformed_commands',
  /** The commands are each well formed, but together they are no task of a node. */
  'unexpected_commands',
  /** The payload was touched on its way, or enciphered with other keys. */
  'bad_payload_tag',
] as const

export type UnwrapDropReason = (typeof UNWRAP_DROP_REASONS)[number]

/**
 * True when the header was authentic although the packet is dropped: its replay tag goes into the replay filter as that of
 * every packet with a valid MAC, so that the same header cannot come again with another payload. All other packets must
 * never reach the filter, or strangers could fill it.
 */
export function isAuthenticDrop(reason: UnwrapDropReason): boolean {
  return UNWRAP_DROP_REASONS.indexOf(reason) > UNWRAP_DROP_REASONS.indexOf('bad_mac')
}
