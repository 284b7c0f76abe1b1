/** Numbers of access tickets (sections 9 and 14 of the specification), each with its unit. */

/** Bytes. */
export const TICKET_KEY_ID_BYTES = 8
export const NONCE_BYTES = 32
export const ACCESS_TICKET_BYTES = 32
/** Version, cliPub, ticketKeyID, nonce32, accessTicket: what stands before the padding. */
const TICKET_FIXED_BYTES = 1 + 32 + TICKET_KEY_ID_BYTES + NONCE_BYTES + ACCESS_TICKET_BYTES
/** Random bytes behind the ticket; uniform. */
export const PADDING_BYTES = { min: 24, max: 64 } as const
export const TICKET_BYTES = {
  min: TICKET_FIXED_BYTES + PADDING_BYTES.min,
  max: TICKET_FIXED_BYTES + PADDING_BYTES.max,
} as const

export const HOUR_S = 3600

/** Ticket keys in one file. */
export const KEYS_MOST = 8
export const KEY_VALIDITY_S = 30 * 86_400
/** How long older keys stay after a rotation. */
export const KEY_OVERLAP_S = 7 * 86_400

/** Bytes of SHA-256(ticketKeyID ‖ shared) that the replay store keeps. */
export const REPLAY_TAG_BYTES = 16
/** A tag is kept for this many hours after the end of the hour that its ticket matched. */
export const REPLAY_HOURS_AFTER = 3
/** 200/s for the five hours that an entry lives at most, and the burst. */
export const REPLAY_ENTRIES_MOST = 3_601_000

/** Per /24 or /56; 30 tokens are far below 5 % of the global capacity. */
export const PREFIX_BUCKET = { capacity: 30, refillPerSecond: 0.5 } as const
export const GLOBAL_BUCKET = { capacity: 1000, refillPerSecond: 200 } as const
/** Prefixes whose buckets are remembered. */
export const BUCKET_PREFIXES = 65_536
