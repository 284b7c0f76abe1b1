/** Numbers of the links between nodes, each with its unit. */

/** Packets that are written together. 32 packets of 2 KiB are one write of 64 KiB. */
export const BATCH_PACKETS = 32
/** Packets that wait for the link to one peer at most; more are dropped. */
export const OUTBOX_PACKETS = 1_024
/** A link that has so much to send gets no more until it has sent some. Bytes. */
export const LINK_QUEUE_BYTES = 1_048_576

/** After a failed attempt the next one waits this long, and twice as long after each further one. Milliseconds. */
export const REDIAL_LEAST_MS = 100
export const REDIAL_MOST_MS = 10_000

/** Packets a second that one peer may send, and how many at once. */
export const PEER_RATE = 20_000
export const PEER_BURST = 4_096

/** Inbound links at once, of nodes and of clients. */
export const LINKS_MOST = 1_024
export const CLIENTS_MOST = 1_024
/** Packets a second that one client may send, and how many at once: ten times what directories ask of it. */
export const CLIENT_RATE = 1_000
export const CLIENT_BURST = 1_000

/** Name of the service that carries packets over HTX. */
export const PACKET_SERVICE = 'mix/packets'
/** Name of the service by which clients send packets and get answers. */
export const CLIENT_SERVICE = 'mix/client'
