/**
 * Where everything of the kernel stands in its memory. The compiler's own constants begin at `STATICS`, the packet where they
 * end. Whatever depends on a secret lies from `SECRETS` on, the key stream last, so that one fill erases it.
 */

export const SECRETS: usize = 0x0100
// What the caller reads and writes.
export const DH: usize = 0x0100
export const HOP_PUBLIC: usize = 0x0120
export const BLINDING_SCALAR: usize = 0x0140
export const TAU: usize = 0x0160
export const REPLAY_TAG: usize = 0x0180
/** The deciphered slot, 114 bytes at most. */
export const SLOT: usize = 0x0200

export const SHARED_SECRET: usize = 0x0280
/** MAC key 32, stream key 32, IV 16, payload key 48, blinding seed 32. */
export const KEYS: usize = 0x0300
export const MAC_KEY: usize = KEYS
export const STREAM_KEY: usize = KEYS + 32
export const IV: usize = KEYS + 64
export const SPRP_KEY: usize = KEYS + 80
export const BLIND_SEED: usize = KEYS + 128

// SHA-256: message schedule 256, chaining values of 32 bytes, a block of 64.
export const SHA256_SCHEDULE: usize = 0x0400
export const HMAC_INNER: usize = 0x0500
export const HMAC_OUTER: usize = 0x0520
export const SHA256_STATE: usize = 0x0540
export const SHA256_BLOCK: usize = 0x0580
export const DIGEST: usize = 0x05c0

/** SHA-512, BLAKE2b, ChaCha20 and the messages of SHA-256 take turns. */
export const WIDE: usize = 0x0600

/** Zero block of AEZ; never written. */
export const ZERO: usize = 0x0a00
/** AEZ: blocks of 16 bytes, then planes of 128. */
export const AEZ: usize = 0x0a10
export const AEZ_PLANES: usize = 0x0c00

/** AES-256: 15 round keys of 16 bytes, then their planes, 15 times 128 bytes. */
export const ROUND_KEYS: usize = 0x1400
export const ROUND_KEY_PLANES: usize = 0x1580

/** The eight planes that a round works on. */
export const STATE: usize = 0x1d80

/** Key stream of the header: one slot more than the longest header has, in whole groups of eight blocks. */
export const STREAM: usize = 0x1e00
export const STREAM_BYTES: usize = 0x1200

/** The compiler is told this address; see the build. */
export const STATICS: usize = 0x3000
