/** Numbers of cover traffic. */

/**
 * A schedule that is later than this starts anew instead of catching up: a machine that slept would else betray it with a
 * burst.
 */
export const MAX_LAG_US = 1_000_000

/** Share of loops that links and restarts of honest nodes may lose. */
export const TOLERATED_LOSS = 0.01

/** False alarms that all tests of a node together may give in a day, half for its loops as a whole and half for segments. */
export const FALSE_ALARMS_PER_DAY = 1

/** Chance that a loop which nobody touched comes back after its timeout. Small beside {@link TOLERATED_LOSS}. */
export const LATE_LOOP_CHANCE = 1e-4

/** For links and processing, on top of what the delays of a loop take. */
export const LOOP_SLACK_US = 500_000

/** Loops on their way that are remembered. */
export const MOST_LOOPS = 8_192

/** Real packets that wait for their turn. */
export const MOST_WAITING = 4_096
