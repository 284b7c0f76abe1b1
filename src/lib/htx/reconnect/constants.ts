/** How a lost session is replaced (section 14). */

/** The pause before an attempt is drawn from 0 to a bound that doubles from the first to the last; milliseconds. */
export const BACK_OFF_MS = { first: 500, most: 60_000 } as const
/** Attempts in a row that got nowhere before whoever waits is told. */
export const RETRIES_DEFAULT = 12
/** A session over which nothing got anywhere was worth its handshake if it lived this long, milliseconds. */
export const PROVEN_MS = 10_000
