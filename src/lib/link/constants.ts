/** Limits and defaults of the links, with units. */

/** `drain` is due when the queue falls to this. Bytes. */
export const LOW_WATER_MARK_BYTES = 64 * 1024

/** Milliseconds until a dial attempt fails. */
export const DIAL_TIMEOUT_MS = 10_000

/** Milliseconds that `close` waits for the peer to finish before it lets go of the transport. */
export const LINGER_MS = 5_000

/** Less than this is gathered until the current callback ends; more goes to the kernel at once. Bytes. */
export const EAGER_WRITE_BYTES = 64 * 1024

/** Path of the WebSocket endpoint when the address names none (HTX section 2.2). */
export const WEBSOCKET_PATH = '/htx'

/** Largest WebSocket message we send: a full frame fits. Bytes. */
export const WEBSOCKET_MESSAGE_BYTES = 65 * 1024

/** Chunks below this are copied together into one WebSocket message; larger ones go as they are. Bytes. */
export const WEBSOCKET_JOIN_BYTES = 16 * 1024

/**
 * Largest WebSocket message we accept. A receiver must hold a whole message before it may use the first byte, and
 * thousands of strangers can make it do so, each for minutes. Bytes.
 */
export const WEBSOCKET_MAX_MESSAGE_BYTES = 72 * 1024

/**
 * Most pieces of one message, which costs hundreds of bytes each. No path cuts a message of that size into more: that
 * would be segments of less than 300 bytes.
 */
export const WEBSOCKET_MAX_PIECES = 256

/** Sockets of a WebSocket listener that have not upgraded, in all and of one /24 or /56. */
export const WEBSOCKET_PENDING_LIMITS = { total: 1024, perPrefix: 64 }

/** Milliseconds for an HTTP request to arrive, its headers included, and between two checks of that. */
export const WEBSOCKET_REQUEST_TIMEOUT_MS = 10_000
export const WEBSOCKET_REQUEST_CHECK_MS = 1_000

/** Milliseconds that the closing handshake of a WebSocket may take. */
export const WEBSOCKET_CLOSE_TIMEOUT_MS = 5_000

/** Most that one `read` of a QUIC stream brings. Bytes. */
export const QUIC_READ_BYTES = 256 * 1024

/** What is written to a QUIC stream is joined up to this, since each call crosses two threads. Bytes. */
export const QUIC_WRITE_BYTES = 256 * 1024

/** Writes below this get an array of their size; bytes. Larger ones share arrays, of which so many are kept. */
export const QUIC_SMALL_WRITE_BYTES = 16 * 1024
export const QUIC_SPARE_BATCHES = 4

/**
 * Credit that we give a QUIC peer on its stream. It also bounds what the peer's library buffers beyond
 * `queuedBytes`, so larger means more throughput on long paths and more queueing on slow ones. Bytes.
 */
export const QUIC_STREAM_WINDOW_BYTES = 4 * 1024 * 1024
export const QUIC_CONNECTION_WINDOW_BYTES = 6 * 1024 * 1024

/** UDP socket buffers asked from the kernel, which may give less. Bytes. */
export const QUIC_SOCKET_BUFFER_BYTES = 2 * 1024 * 1024

/**
 * Milliseconds of silence after which a QUIC connection is lost; the smaller one of both ends counts. It is also the
 * only bound on a handshake that stands still, so a listener, who meets strangers, takes less.
 */
export const QUIC_IDLE_TIMEOUT_MS = 45_000
export const QUIC_LISTENER_IDLE_TIMEOUT_MS = 15_000

/** Milliseconds between keep-alive packets: two may be lost within the listener's time-out. */
export const QUIC_KEEP_ALIVE_MS = 5_000

/** Accept calls of a QUIC listener that wait for a handshake, and milliseconds between two looks at their number. */
export const QUIC_FREE_ACCEPTS = 256
export const QUIC_ACCEPT_CHECK_MS = 100

/** Handshakes under way at a QUIC listener, one that stands still costs about 30 kB; others wait for their turn. */
export const QUIC_MAX_HANDSHAKES = 4096

/** Connections that have not opened their stream yet, in all and of one /24 or /56, and how long they may take. */
export const QUIC_STREAMLESS_LIMITS = { total: 256, perPrefix: 16 }
export const QUIC_STREAM_TIMEOUT_MS = 10_000

/** Bytes on their way between two memory links, per direction, before the writer's queue grows. */
export const MEMORY_WINDOW_BYTES = 256 * 1024
