/** Numbers of the file service (section 12.2), each with its unit. */
import { KIB, MIB } from '../../constants.ts'

export const FILE_SERVICE = 'file/1'

/** CBOR items behind the service header, bytes. */
export const ITEM_MOST = 4096
/** The answer of `list`, bytes. */
export const LIST_MOST = 16 * MIB
/** Length of `prefix` and `fingerprint`: SHA-256. */
export const DIGEST_BYTES = 32
/** A fingerprint covers this much of each end of the file, bytes. */
export const FINGERPRINT_EDGE = MIB

/** One segment of a name; what file systems allow, bytes of UTF-8. */
export const SEGMENT_BYTES_MOST = 255
/** A whole name; it shares the 4,096 bytes of the parameters with the rest of an offer. */
export const NAME_BYTES_MOST = 2048
/** Segments of a name. */
export const NAME_DEPTH_MOST = 32
/** Latest modification time that is set on a file, or shown: the end of the year 9999, Unix seconds. */
export const MTIME_MOST = 253_402_300_799

/** Unit of reading and sending a file, bytes. */
export const READ_CHUNK = 256 * KIB
/** Buffers of that size in use at once: one being read, the others being sent. */
export const READ_BUFFERS = 3
/** Received and not yet written: at most this many bytes, and pieces, before the peer has to wait. */
export const WRITE_BEHIND = MIB
export const WRITE_BEHIND_PIECES = 256

/** No byte for this long ends a transfer with the code IDLE (section 7), milliseconds. */
export const STALL_MS = 60_000
/** A peer that has to read or write its disk before it can answer gets more time: one millisecond for this many bytes. */
export const DISK_BYTES_PER_MS = 20_000
/** A last status is given this long to reach the peer, milliseconds. */
export const FAREWELL_MS = 10_000
/** A transfer that another session of the same peer asks for again must move within this time to keep it, milliseconds. */
export const TAKE_OVER_MS = 2_000

/** Folder of a lock, symbolic links resolved: SQLite takes 504 bytes with the name and a suffix, bytes. */
export const LOCK_FOLDER_BYTES_MOST = 450
/** A lock that its owner removed at the same moment is tried again this often. */
export const LOCK_TRIES = 8

/** Files that one session is given at once, each with its buffers; those asked for beyond that wait. */
export const GETS_SERVED_AT_ONCE = 16
/** Lists that one listener makes at once: each may hold 16 MiB until its reader has taken it. */
export const LISTS_SERVED_AT_ONCE = 16
/** Names looked at together while a directory is read. */
export const STATS_AT_ONCE = 64
/** Files that the expansion of one directory may give. */
export const TREE_FILES_MOST = 100_000
/** Lists fetched at once while a remote directory is expanded. */
export const LISTS_AT_ONCE = 4
/** Files transferred at once unless the caller says otherwise. */
export const PARALLEL_DEFAULT = 4
