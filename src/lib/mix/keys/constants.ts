/** Numbers of mix keys. */

/** Epochs whose keys are made, and published, before they begin. */
export const KEYS_AHEAD = 3

/**
 * How long before its epoch, and after it, a key is accepted: for packets under way and clocks that differ. Longer
 * loses forward secrecy: what was recorded can be opened by whoever takes the key as long as it is there. Milliseconds.
 */
export const DEFAULT_OVERLAP_MS = 120_000

/** Shortest and longest epoch, seconds. */
export const LEAST_EPOCH_LENGTH_S = 1
export const MOST_EPOCH_LENGTH_S = 366 * 86_400

/** The wall clock and the monotonic one may part by this much between two looks before it is called a jump. Milliseconds. */
export const CLOCK_JUMP_MS = 2_000

/** Keys that a node holds at most: of the window, and of a time that the clock showed before it was set back. */
export const MOST_KEYS = 10
