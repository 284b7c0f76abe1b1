/** Limits of the capture reader. A capture is hostile input: each bound keeps memory flat whatever the file says. */

/** Largest captured packet. Bytes; the largest snapshot length that libpcap accepts (MAXIMUM_SNAPLEN). */
export const MAX_PACKET_BYTES = 262_144

/** Largest pcapng block that is held in one piece: a packet with its options. Bytes. */
export const MAX_BLOCK_BYTES = 1_048_576

/** Interface descriptions in one pcapng section. */
export const MAX_INTERFACES = 4_096

/** Stacked VLAN tags; 802.1ad uses two. */
export const MAX_VLAN_TAGS = 8

/** IPv6 extension headers in a row; a conforming sender uses each kind once (RFC 8200 section 4.1). */
export const MAX_EXTENSION_HEADERS = 8

/** First bytes of each TCP direction that are delivered; what follows is never held. */
export const MAX_STREAM_BYTES = 65_536

/** Connections that are remembered, of TCP and of UDP each; the least recently used one goes first. */
export const MAX_CONNECTIONS = 65_536

/** Stream bytes held for all connections together. */
export const MAX_HELD_BYTES = 33_554_432

/** Separate pieces beyond a hole that one TCP direction holds. */
export const MAX_ISLANDS = 64

/** Connections whose hash falls on one bucket: colliding addresses must not turn look-ups into a long walk. */
export const MAX_BUCKET_CONNECTIONS = 32
