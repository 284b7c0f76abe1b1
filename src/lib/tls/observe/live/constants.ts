/** Bounds on whoever connects to be fingerprinted. */

/** Bytes of a connection up to the end of its hello. Those of browsers have 2 kB, the largest in use about 10. */
export const FIRST_FLIGHT_MOST = 64 * 1024

/** A connection has this long for its whole hello, however it comes; milliseconds. */
export const HELLO_MS = 10_000

/** And this long from then on for the handshake, its request and the answer; milliseconds. */
export const ANSWER_MS = 15_000

/** Connections at once, in all and of one /24 or /56: the oldest of the fullest makes room. */
export const CONNECTIONS = { total: 512, perPrefix: 256 } as const

/** Streams that a client of HTTP/2 may open beside the one that is answered. */
export const STREAMS_MOST = 8

/** How long those that are being answered may take when the listener closes; milliseconds. */
export const CLOSING_MS = 1_000

/**
 * Lifetime of the tickets that the TLS library gives out; seconds, and it knows no less. A client that comes again with
 * one has an extension more, and another name.
 */
export const TICKET_SECONDS = 1
