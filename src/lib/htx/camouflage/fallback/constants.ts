/** The timing of the anti-correlation fallback (section 11); milliseconds. */

/** A camouflaged attempt over UDP may take this long. */
export const UDP_ATTEMPT_MS = 3_000
/** The pause after a UDP attempt that failed. */
export const AFTER_UDP_MS = { min: 200, max: 1_200 } as const
/** From the decision to retry to the cover connections. */
export const COVER_DELAY_MS = { min: 0, max: 1_000 } as const
/** From there to the retry. */
export const RETRY_DELAY_MS = { min: 100, max: 700 } as const
/** How long a cover connection stays without user traffic. */
export const COVER_LIFE_MS = { min: 3_000, max: 15_000 } as const
/** A cover connection that has not opened by then is given up, and so is a retry. */
export const COVER_OPEN_MS = 10_000
export const RETRY_ATTEMPT_MS = 30_000

export const RETRIES_MOST = 2
export const RETRIES_WINDOW_MS = 60_000

/** Cover connections that are opened before a retry, and origins that the operator names at least. */
export const COVERS = 2
export const COVER_ORIGINS_LEAST = 4
