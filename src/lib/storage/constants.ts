/** Limits of every store and settings of the embedded one. */

/** Longest key in bytes; the shortest is 1. */
export const MAX_KEY_BYTES = 1024

/** Longest value in bytes. Larger things are stored in chunks, because every backend must take them. */
export const MAX_VALUE_BYTES = 1_048_576

/** Most operations, and most conditions, in one batch. */
export const MAX_BATCH_OPS = 65_536

/** Most bytes of keys and values in one batch. */
export const MAX_BATCH_BYTES = 16 * 1_048_576

/** Bytes of the hash stored with each record. */
export const RECORD_HASH_BYTES = 16

/** Most bytes of batches copied to the writer at once; the other writers wait with their own memory. */
export const MAX_GROUP_BYTES = 4 * 1_048_576

/** Most batches in one transaction, so that the first caller of a group does not wait for thousands of others. */
export const MAX_GROUP_BATCHES = 1024

/** Most calls that may wait for the writer; the next one is refused with `E_STORE_BUSY`. */
export const MAX_WAITING_CALLS = 262_144

/** Rows and bytes that a scan reads before it lets the event loop run. */
export const SCAN_PAGE_ROWS = 256
export const SCAN_PAGE_BYTES = 262_144

/** Damaged keys that `verify` lists; it counts the others. */
export const MAX_REPORTED_KEYS = 1000

/** How long the writer waits for another process's transaction, in milliseconds. */
export const BUSY_TIMEOUT_MS = 10_000

/** How long a read may wait; readers meet a lock only while a crashed writer's log is being recovered. */
export const READ_BUSY_TIMEOUT_MS = 2_000

/** Bytes of SQLite's page. */
export const PAGE_BYTES = 4096

/** Pages in the write-ahead log before they are copied into the file: 16 MiB. The log shrinks to this after a burst. */
export const CHECKPOINT_PAGES = 4096

/** "aivs": marks the file as ours in the SQLite header (PRAGMA application_id). */
export const APPLICATION_ID = 0x61697673

/** Version of the table layout (PRAGMA user_version); the application's schema version stands in the table `meta`. */
export const LAYOUT_VERSION = 1
