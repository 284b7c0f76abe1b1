/** Numbers of the delays of a mix. */

/** Width of a slot of the timing wheel. Due times themselves are exact to the microsecond. */
export const TICK_US = 1_000

/** A sender may not ask for less: a packet that leaves at once is a probe of the mix, and mixes with nothing. */
export const MIN_COMMAND_MS = 1

/** Mean delay of one hop, 1/mu: three hops take 100 ms on average (Erlang law). */
export const DEFAULT_MEAN_DELAY_US = 33_000

/** ln(1e12): a drawn delay ends at the quantile 1 - 1e-12, far beyond what anyone will see. */
export const CAP_IN_MEANS = 27.631021115928547

/** Longest time that a packet may wait before it is unwrapped; later it would leave too late to be mixed. */
export const DEFAULT_MAX_DWELL_US = 250_000
