/** Sizes and limits of the replay filter and its log. */

/** A replay tag, SHA-512/256 of the packet's group element. Bytes. */
export const REPLAY_TAG_BYTES = 32

/** Secret of one mix key's filter: the key of the function that places tags. Bytes. */
export const FILTER_SECRET_BYTES = 16

/** Chance that a fresh packet is taken for a replay when the filter is full. */
export const DEFAULT_FALSE_POSITIVE_RATE = 1e-5

/** Memory of one filter: 22,000 packets/s for 20 minutes at 24.15 bits a tag need 79.7 MB. Bytes. */
export const DEFAULT_FILTER_BYTES = 80 * 2 ** 20
/** Below it, locks and journals would leave nothing for tags. Bytes. */
export const LEAST_FILTER_BYTES = 16_384
/** Block numbers stay below 2^20, far from where the 32 bits that choose one would favour some. Bytes. */
export const MOST_FILTER_BYTES = 2 ** 31

/**
 * All bits of a tag lie in one block of 2 KiB. Anywhere in the filter, each would cost a miss of the address translation
 * beside that of the cache: a third more time a packet, measured between other work.
 */
export const BLOCK_BITS_LOG2 = 14

/** Worker threads that may share one filter. */
export const MOST_WORKERS = 64

/**
 * Locks of a filter, each for every 64th block; a power of two. A worker holds one for less than 3 us of 50, so that even
 * 64 workers seldom meet.
 */
export const SHARDS = 64

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
