/** Numbers of the benchmarks, each with its unit. */

/** Size of the capture that is read. Bytes. */
export const CAPTURE_BYTES = 100_000_000
/** Below this the start of the reading is measured. Bytes. */
export const CAPTURE_BYTES_LEAST = 1_000_000
/** It is held in memory. Bytes. */
export const CAPTURE_BYTES_MOST = 1_000_000_000
/** A capture is read in pieces of this size, as files and pipes are. Bytes. */
export const PIECE_BYTES = 65_536

/** 10^6 bytes. */
export const MEGABYTE = 1_000_000

/** Connections of the capture whose packets are mixed. */
export const CONNECTIONS_AT_ONCE = 32
/** Payload of one segment: what an Ethernet frame leaves without TCP options. Bytes. */
export const SEGMENT_BYTES = 1_460
/** Bulk data of one connection: 8 KiB doubled up to this many times, each as often. */
export const BULK_LEAST_BYTES = 8_192
export const BULK_DOUBLINGS = 6

/** Different hellos of `fingerprint.hellos`, and how often each is read in one run. */
export const HELLOS = 1_000
export const HELLO_ROUNDS = 10

/** Hellos that are built in one run, and those before the clock starts. */
export const BUILDS = 500
export const BUILDS_WARM_UP = 200

/** Handshakes of each kind in one run, and those before the clock starts. */
export const HANDSHAKES = 200
export const HANDSHAKES_WARM_UP = 20
