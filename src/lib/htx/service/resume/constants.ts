/** Numbers of continued services (sections 12.3 and 14). */

/** The name that the header of a carrying stream has. */
export const RESUME_SERVICE = 'resume/1'
/** Length of the id of a continued service, bytes. */
export const RESUME_ID_BYTES = 16

/** Largest DATA record, bytes. */
export const DATA_MOST = 65_536
/** What a side keeps beyond the peer's last ACK, and may therefore have sent beyond it; bytes. */
export const KEPT_MOST = 4 * 1024 * 1024
/** Of these, the bytes that no link has taken: a writer waits beyond them. */
export const UNSENT_MOST = 256 * 1024
/** What the services of one peer hold together; bytes. Beyond it the one that has stood still for the longest time ends. */
export const HELD_PER_PEER = 128 * 1024 * 1024
/** Nobody is ended who holds less; bytes. */
export const ENDED_LEAST = 128 * 1024
/** Time between two ends for want of memory in the whole process, milliseconds. */
export const RELIEF_PAUSE_MS = 20
/** An ACK is due after this many consumed bytes. */
export const ACK_EVERY_BYTES = 65_536
/** And this long after the first of them, milliseconds. */
export const ACK_DELAY_MS = 100

/** An unfinished id without a link, and the counts of a finished one, are kept this long; milliseconds. */
export const ID_KEPT_MS = 300_000
/** Ids of one peer, and of all peers, whose service is not over. */
export const IDS_PER_PEER = 1024
export const IDS_MOST = 16_384
/** Finished ids of one peer, and of all peers; the oldest makes room. */
export const FINISHED_PER_PEER = 4096
export const FINISHED_MOST = 65_536
