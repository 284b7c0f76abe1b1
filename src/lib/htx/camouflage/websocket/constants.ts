/** Numbers of RFC 6455 and of how we use it, with units. */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

export const CLOSE_CODE = { normal: 1000, protocolError: 1002, unsupportedData: 1003 } as const

/** Payload of a control frame at most, bytes (section 5.5). */
export const CONTROL_MOST = 125

/** Payload of one message that we accept at most, bytes. It is passed on as it comes, so that it costs no memory. */
export const MESSAGE_MOST = 16 * 1024 * 1024

/** Data frames of a message without a byte in them that are borne in a row: more only cost time. */
export const EMPTY_FRAMES_MOST = 32

/** Milliseconds that the closing handshake may take; Chrome waits as long for a server. */
export const CLOSE_TIMEOUT_MS = 2_000
