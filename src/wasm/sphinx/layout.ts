/**
 * Where everything of the kernel stands in its memory. The compiler's own constants begin at `STATICS`, the packet where they
 * end. Whatever depends on a secret lies from `SECRETS` on, the key stream last, so that one fill erases it.
 */

/** Tables of the AES round, 4 x 1,024 bytes. */
export const TABLES: usize = 0x0000

export const SECRETS: usize = 0x1000
// What the caller reads and writes.
export const DH: usize = 0x1000
export const HOP_PUBLIC: usize = 0x1020
export const BLINDING_SCALAR: usize = 0x1040
export const TAU: usize = 0x1060
export const REPLAY_TAG: usize = 0x1080
/** The deciphered slot, 114 bytes at most. */
export const SLOT: usize = 0x10c0

export const SHARED_SECRET: usize = 0x1140
/** MAC key 32, stream key 32, IV 16, payload key 48, blinding seed 32. */
export const KEYS: usize = 0x1160
export const MAC_KEY: usize = KEYS
export const STREAM_KEY: usize = KEYS + 32
export const IV: usize = KEYS + 64
export const SPRP_KEY: usize = KEYS + 80
export const BLIND_SEED: usize = KEYS + 128

// AEZ: multiples of the key's parts, 16 bytes each, and sums.
export const AEZ: usize = 0x1200
/** Zero block of AEZ; never written. */
export const ZERO: usize = 0x1400
/** AES-256: 60 words of round keys, then the counter block and its encryption. */
export const ROUND_KEYS: usize = 0x1420
export const COUNTER: usize = 0x1510

// SHA-256: message schedule 256, chaining values of 32 bytes, a block of 64.
export const SHA256_SCHEDULE: usize = 0x1600
export const HMAC_INNER: usize = 0x1700
export const HMAC_OUTER: usize = 0x1720
export const SHA256_STATE: usize = 0x1740
export const SHA256_BLOCK: usize = 0x1780
export const DIGEST: usize = 0x17c0

// SHA-512, BLAKE2b and ChaCha20 take turns.
export const WIDE: usize = 0x1800

/** Key stream of the header: one slot more than the longest header has. */
export const STREAM: usize = 0x1c00
export const STREAM_BYTES: usize = 0x1400

/** The compiler is told this address; see the build. */
export const STATICS: usize = 0x3000
