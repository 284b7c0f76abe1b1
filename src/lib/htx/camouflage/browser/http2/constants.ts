/** Numbers of HTTP/2 (RFC 9113) and of how Chrome uses it, with units. Measured with Chromium 150 and 156. */

export const FRAME = {
  data: 0,
  headers: 1,
  settings: 4,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
  altSvc: 10,
} as const

export const FLAG = { ack: 0x1, endStream: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const

export const SETTING = { headerTableSize: 1, enableConnectProtocol: 8 } as const

export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
export const FRAME_HEADER_BYTES = 9

/** What Chrome says of itself, in its order: table, no push, window of a stream, size of a header list. */
export const CHROME_SETTINGS: readonly (readonly [id: number, value: number])[] = [
  [1, 65_536],
  [2, 0],
  [4, 6_291_456],
  [6, 262_144],
]

/** Of the whole connection, bytes. */
export const CHROME_CONNECTION_WINDOW = 15 * 1024 * 1024
/** What a connection starts with (RFC 9113 section 6.9.2). */
export const INITIAL_WINDOW = 65_535

/** A frame with its header fills a record of TLS: Chrome's frames of data hold no more. Bytes. */
export const CHROME_DATA_MOST = 16_384 - FRAME_HEADER_BYTES

/** Weight of a stream, less one, as it stands in HEADERS. */
export const CHROME_WEIGHT = { page: 255, form: 255, websocket: 146 } as const
