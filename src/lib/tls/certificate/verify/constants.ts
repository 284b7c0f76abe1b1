/** What a server may make its client do before it has proved anything. */

/** As BoringSSL and OpenSSL by default; a usual chain has 3 KiB, one with ML-DSA 20 KiB. */
export const CHAIN_BYTES_MOST = 100 * 1024
/** A usual chain has two or three. */
export const CHAIN_CERTIFICATES_MOST = 64
/** From the server to the root; the public ones have three or four. */
export const PATH_CERTIFICATES_MOST = 10
/** Over all paths that are tried: cross-signed authorities make many. The slowest check takes a few milliseconds. */
export const SIGNATURE_CHECKS_MOST = 64
/** Names times name constraints, over all paths; 250,000 as Go. */
export const COMPARISONS_MOST = 250_000
