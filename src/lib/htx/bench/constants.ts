/** Numbers of the benchmarks, each with its unit. */
import { KIB, MIB } from '../constants.ts'

/** Every bulk measurement writes pieces of this size, ours and the others'. Bytes. */
export const CHUNK_BYTES = 64 * KIB
/**
 * The pattern repeats after this many bytes. It is a prime: frames of any size that are lost, doubled or swapped go
 * unnoticed only in multiples of this many frames.
 */
export const PATTERN_BYTES = 131_101

/** Moved on each connection before the clock starts: compilers, windows and socket buffers settle. Bytes. */
export const WARM_UP_BYTES = 64 * MIB
/** Measured time of one bulk run, milliseconds. */
export const DURATION_MS = 2_000
export const RUNS = 5
/** Below these a run measures the timer and the start of a connection. */
export const DURATION_LEAST_MS = 100
export const BYTES_LEAST = MIB

/** Concurrent streams of `streams100`. */
export const STREAMS = 100
/** Handshakes in all runs together, at least. */
export const HANDSHAKES_LEAST = 200
/** Handshakes before the clock starts, in each run. */
export const HANDSHAKES_WARM_UP = 20
/** Pause between PINGs, milliseconds; the peer's budget for control frames is 1,000 a second. */
export const PING_INTERVAL_MS = 4
/** Sessions of `sessions1000`, and how many of them connect at once. */
export const IDLE_SESSIONS = 1000
export const CONNECTS_AT_ONCE = 16
/** Memory is read this long after the last change, milliseconds. */
export const SETTLE_MS = 2_000
/** What `rss.10GiB` moves, bytes. */
export const LONG_SESSION_BYTES = 10 * 1024 * MIB

/** Tickets of one run of `tickets.checks`, and insertions of one of `tickets.inserts`. */
export const TICKETS_PER_RUN = 20_000
/** As many handshakes as a listener has under way by default. */
export const TICKETS_IN_FLIGHT = 256
export const REPLAY_TAG_BENCH_BYTES = 16
/** The product's buckets are there to stop what a benchmark does. */
export const UNLIMITED_TICKET_RATES = {
  prefix: { capacity: 1e9, refillPerSecond: 1e9 },
  global: { capacity: 1e9, refillPerSecond: 1e9 },
  prefixes: 1,
} as const

/** A worker that has not answered by then is given up: this long, and this much per byte that it has to move. */
export const CALL_LIMIT_MS = 60_000
export const SLOWEST_BYTES_PER_MS = 4_000

/**
 * Admission of the measured listener. All connections of a benchmark come from one prefix and as fast as they can,
 * which is what the product's defaults are there to stop.
 */
export const BENCH_ADMISSION = {
  handshakes: 1024,
  handshakesPerPrefix: 1024,
  bucket: { capacity: 1_000_000, refillPerSecond: 1_000_000 },
} as const
export const BENCH_MAX_SESSIONS = 2000

/** Round trips of `forward.added` in one run, and those before them. */
export const FORWARD_ROUND_TRIPS = 1000
export const FORWARD_ROUND_TRIPS_WARM_UP = 200
/** Connections of `socks.connections` in one run, and how many are under way at once. */
export const SOCKS_CONNECTIONS = 3000
export const SOCKS_AT_ONCE = 64
/** Streams that a measured listener lets its peer have open. */
export const BENCH_MAX_STREAMS = 4096
