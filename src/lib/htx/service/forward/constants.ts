/** Numbers of the forwards. */

/** All attempts to reach one target together, milliseconds. */
export const DIAL_MS = 10_000
/** Resolving the name and all attempts, milliseconds. */
export const REACH_MS = 15_000
/** Addresses of one name that are tried. */
export const ADDRESSES_MOST = 4
/** Names that are looked up at once, for all peers and for one: each costs a socket. */
export const LOOKUPS_AT_ONCE = 256
export const LOOKUPS_PER_PEER = 32
/** Names of one peer that wait for that; each keeps a stream open. */
export const LOOKUPS_WAITING_PER_PEER = 1024
/** Looking up one name from its turn on, the search list included, milliseconds. */
export const LOOKUP_MS = 6_000
/**
 * How long a name server has for an answer the first time, at most when it is asked again, milliseconds, and how often
 * each is asked. The first is short, so that a dead one leaves time for the others. One that answered fast is soon
 * asked again, and needs several tries for what takes it long.
 */
export const DNS_TIMEOUT_MS = 1_000
export const DNS_TIMEOUT_MOST_MS = 2_000
export const DNS_TRIES = 4
/** Where a name has addresses of one kind, how long those of the other are waited for, milliseconds. */
export const OTHER_FAMILY_MS = 300
/** The same where those that came are of little use: IPv6 on a machine without it. */
export const OTHER_FAMILY_NEEDED_MS = 3_000
/** The addresses of this machine are listed anew after this long, milliseconds. */
export const OWN_ADDRESSES_MS = 1_000
/** A host name or the path of a socket, UTF-8 characters. */
export const HOST_MOST = 255

/** Ports that one session, and all sessions of one peer, may have opened here. */
export const BINDS_PER_SESSION = 16
export const BINDS_PER_PEER = 32
/** Connections of one local listener at once. */
export const CONNECTIONS_MOST = 4096
/** Of these, those whose stream is not there yet. */
export const PENDING_MOST = 1024
/**
 * A connection that has sent its end while it waits for its stream may want an answer, or may be gone: it is waited
 * for as long as a target is, milliseconds.
 */
export const ENDED_KEPT_MS = 15_000

/** Bytes of a UDP datagram over IPv4 (RFC 768). */
export const DATAGRAM_MOST = 65_507
/** A flow of datagrams that was silent this long is over, milliseconds (RFC 4787 section 4.3: at least two minutes). */
export const UDP_IDLE_MS = 120_000
/** Bytes that wait for a slow session before datagrams are dropped, as a full router would. */
export const UDP_WAITING_MOST = 256 * 1024

/** A SOCKS client must have said what it wants this long after it connected, milliseconds. */
export const SOCKS_NEGOTIATION_MS = 10_000
/** RFC 1928 section 6: at most ten seconds after a failure the connection is closed. Milliseconds. */
export const SOCKS_LINGER_MS = 5_000
/** Targets of one UDP association that are kept; beyond it the one that was silent longest makes room. */
export const FLOWS_KEPT = 32
/** Targets at once, while more are waited for: beyond it datagrams to others are dropped. */
export const FLOWS_MOST = 64
/** A target that has not answered after this long is not waited for, milliseconds. */
export const UDP_ANSWER_MS = 2_000
/** Datagrams that wait for the peer to say whether it permits their target. */
export const FLOW_QUEUE_MOST = 16
/** UDP associations of one SOCKS server at once. */
export const ASSOCIATIONS_MOST = 256
