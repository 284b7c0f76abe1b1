/** Sizes, lifetimes and limits of identities. Times are unix seconds unless a name says otherwise. */

const DAY = 86_400

/** `0x12 0x20`: multihash code and length of SHA-256, before the digest (htx 2.1). */
export const MULTIHASH_SHA256 = Uint8Array.of(0x12, 0x20)
/** Base32 characters of a peer id. */
export const PEER_ID_LENGTH = 55

export const CERTIFICATE_BYTES = 145
export const CERTIFICATE_VERSION = 1
/** Lifetime of the certificates we issue; renewed at half of it. */
export const CERTIFICATE_LIFETIME = 90 * DAY
/** Longest lifetime that is accepted. */
export const MAX_CERTIFICATE_LIFETIME = 366 * DAY
/** Tolerated difference between clocks. */
export const CLOCK_SKEW = 300
/** A throw-away identity lives for one visit. */
export const ANONYMOUS_LIFETIME = DAY
/** Signatures known to be good; 32 bytes of key each. */
export const CERTIFICATE_CACHE_ENTRIES = 4096

/** An identity file is about 4 KB; more is another file. */
export const MAX_IDENTITY_FILE_BYTES = 65_536
export const SALT_BYTES = 16
/** Passphrase hashing that a file may ask for: memory, and memory times passes, which is what time depends on. */
export const MAX_KDF_MEMORY_BYTES = 2 ** 30
export const MAX_KDF_WORK_BYTES = 2 ** 32

/** Peers that only a wildcard admitted; beyond it the least recently seen goes (htx 2.3). */
export const MAX_WILDCARD_PEERS = 100_000
/** Longest line of a known-peers file. */
export const MAX_PEER_LINE_BYTES = 1024
/** A peer seen again is written down when the record's `lastSeen` is older than this. */
export const LAST_SEEN_RESOLUTION = 3600
/** Lines beyond the live records before the file is rewritten: half of it, but at least this many. */
export const MIN_STALE_LINES = 1000

/** Longest wait for another process that holds a file's lock, and the pause between attempts, in milliseconds. */
export const LOCK_TIMEOUT_MS = 10_000
export const LOCK_RETRY_MS = 10
