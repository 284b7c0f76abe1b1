/** Sizes and limits of the replay filter and its log. */

/** A replay tag, SHA-512/256 of the packet's group element. Bytes. */
export const REPLAY_TAG_BYTES = 32

/** Secret of one mix key's filter: the key of the function that places tags. Bytes. */
export const FILTER_SECRET_BYTES = 16

/** Chance that a fresh packet is taken for a replay when the filter is full. */
export const DEFAULT_FALSE_POSITIVE_RATE = 1e-5

/** Memory of one filter: 22,000 packets/s for 20 minutes at 24 bits a tag need 79.2 MB. Bytes. */
export const DEFAULT_FILTER_BYTES = 80 * 2 ** 20
/** Below it, locks and journals would leave nothing for tags. Bytes. */
export const LEAST_FILTER_BYTES = 4096
/** Positions are 32-bit numbers of bits, and this is a quarter of what they reach. Bytes. */
export const MOST_FILTER_BYTES = 128 * 2 ** 20 * 4

/** Worker threads that may share one filter. */
export const MOST_WORKERS = 64

/**
 * Parts of a filter that are locked on their own. More do not pay: a worker holds a lock for less than 1 us in 50.
 */
export const MOST_SHARDS = 64
/** Tags in a shard: with fewer, the fullest shard would be so much fuller than the mean that the rate suffers. */
export const LEAST_SHARD_TAGS = 32_768

/** Tags of one worker that wait for the disk: at 16,000 packets/s the disk may be silent for a second. */
export const DEFAULT_JOURNAL_TAGS = 16_384

/** A lock that is not free after so many looks is waited for, so that its holder gets the processor. */
export const LOCK_SPINS = 200
/** One wait for a lock, milliseconds. Nobody wakes a waiter, because that would cost every packet a system call. */
export const LOCK_WAIT_MS = 0.2

/** 32-bit words of a cache line: what different threads write must not share one. */
export const LINE_WORDS = 16

/** Tags in one block of the log; more that wait at the same time make several blocks. */
export const MOST_BLOCK_TAGS = 8192

/** Pause between two group commits that wait for the disk: one costs about 0.1 ms of processor time. Milliseconds. */
export const DEFAULT_COMMIT_EVERY_MS = 5
