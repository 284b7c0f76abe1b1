/** Numbers of resumption (sections 8 and 14 of the specification), each with its unit. */

const DAY_S = 86_400

export const HANDLE_LENGTH = 16
export const PSK_LENGTH = 32

/** Lifetime of a resumption ticket, seconds. */
export const TICKET_LIFETIME_S = DAY_S
/** No peer's ticket is believed for longer, seconds. */
export const TICKET_LIFETIME_MOST_S = 7 * DAY_S
/** A chain of resumptions ends this long after its full handshake, seconds. */
export const CHAIN_MOST_S = 7 * DAY_S

/** Tickets issued, and accepted, after a full handshake and after a resumption. */
export const RESUMPTION_TICKETS_AFTER_FULL = 2
export const RESUMPTION_TICKETS_AFTER_RESUMPTION = 1

/** Records that a listener keeps; the oldest go first. */
export const RECORDS_MOST = 100_000
/** Tickets issued between two looks at how many there are; the bound allows for eight processes that count apart. */
export const SWEEP_EVERY = 256
export const SWEEP_RESERVE = 8 * SWEEP_EVERY
/** Records deleted in one batch, three keys each. */
export const DELETE_BATCH = 1000

/** A client's file: tickets of one peer, and in all; the newest stay. */
export const FILE_TICKETS_PER_PEER = 8
export const FILE_TICKETS_MOST = 1024
/** A ticket takes less than 512 bytes of JSON. */
export const FILE_BYTES_MOST = 1024 * 1024

/** A listener that is silent to a ticket for this long gets a full handshake, milliseconds. */
export const RESUMPTION_WAIT_MS = 3_000
/** What a listener has not issued by then, it never will, milliseconds. */
export const TICKETS_WAIT_MS = 30_000
