/** Numbers of the node, each with its unit. */

/** Packets that a node holds at most, being delayed or waiting. 8,192 are 33 ms of delay at 28,750 packets/s eight times over. */
export const SLOTS = 8192
/**
 * Packets that wait for one worker at most, a power of two. A worker opens one in about 50 us, so that the last of them has
 * waited about 50 ms.
 */
export const RING_SLOTS = 1024
/** A worker gives back what it opened after so many packets at the latest. */
export const BATCH_PACKETS = 32
/** An idle worker looks up after this long even if no wake-up came. Milliseconds. */
export const IDLE_WAIT_MS = 100

/** How often a node looks whether the replay tags of packets that are due are on the disk. Milliseconds. */
export const DURABILITY_LOOK_MS = 1

/** Packets that leave in one go, before the links get a turn. */
export const RELEASE_BATCH = 256

/** A worker that died is replaced after this long, and twice as long after each further death. Milliseconds. */
export const RESTART_LEAST_MS = 100
export const RESTART_MOST_MS = 30_000
export const RESTART_DOUBLINGS = 10
