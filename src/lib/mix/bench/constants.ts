/** Numbers of the benchmarks, each with its unit. */

/** Packets of one run of what is measured one by one. */
export const SINGLE_PACKETS = 1_024
/** Packets of these before the clock starts: compilers settle. */
export const WARM_UP_PACKETS = 256

/** Delay that every packet asks for: the least there is, so that a run is over when its work is. Milliseconds. */
export const DELAY_MS = 1
/** Memory of the replay filter of one run, bytes. */
export const FILTER_BYTES = 4 * 1_048_576
/** A packet that waited long for its worker is not dropped: the queue of a run is as long as the machine is slow. Microseconds. */
export const MAX_DWELL_US = 60_000_000
/** A run that is not over by then has lost a packet. Milliseconds. */
export const RUN_LIMIT_MS = 60_000

/** Mixes between the client and the provider of the chain. */
export const MIXES = 3
/** Packets of the chain that are on their way at once: a node that is behind drops those that waited for 250 ms. */
export const CHAIN_WINDOW = 256
/** So few at once, so often, until four processes have compiled what they run. */
export const CHAIN_WARM_UP_PACKETS = 64
export const CHAIN_WARM_UPS = 12
/** Packets of one run of the chain, and of its latency; one of these leaves every so many milliseconds. */
export const CHAIN_PACKETS = 4_096
export const LATENCY_PACKETS = 500
export const LATENCY_EVERY_MS = 5
/** The receiver tells after so many arrivals, or a millisecond. */
export const ARRIVALS_AT_ONCE = 64
/** Keys do not change while it is measured. Seconds. */
export const EPOCH_LENGTH_S = 2_592_000
/** A process that has not answered by then is given up. Milliseconds. */
export const CALL_LIMIT_MS = 30_000
