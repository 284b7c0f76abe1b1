/** Calibration against the origin (section 10.1). */

/** How far a value of HTTP/2 SETTINGS may be off by default, percent. */
export const TOLERANCE_PERCENT = 15
/** A profile is good for this long, milliseconds. */
export const PROFILE_LIFE_MS = 30 * 60_000
/** Profiles kept; the one used longest ago goes first. */
export const PROFILES_MOST = 64
/** Page loads until the origin has answered from the wanted point of presence. */
export const CALIBRATIONS_MOST = 4
/** How long the connection of a page load stays open: none that a browser makes ends with its first page. */
export const PAGE_LIFE_MS = { min: 3_000, max: 15_000 } as const
