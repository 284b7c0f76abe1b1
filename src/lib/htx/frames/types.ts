/** Frames of HTX 1.1 (section 5) as values. */

/** Stream ids reach 2^62-1: a number wherever it is exact, a bigint above, never both for one id. */
export type StreamId = number | bigint

export const FRAME = {
  STREAM: 0,
  PING: 1,
  CLOSE: 2,
  KEY_UPDATE: 3,
  WINDOW_UPDATE: 4,
} as const

/** Types from here to 127 are extensions: authenticated, counted and ignored when unknown. */
export const FIRST_EXTENSION_TYPE = 64
export const LAST_EXTENSION_TYPE = 127

export const FLAG = {
  FIN: 0x01,
  RESET: 0x02,
  STOP: 0x04,
  OPEN: 0x08,
} as const
export const ALL_FLAGS = 0x0f

export const RECORD = {
  PADDING: 0,
  MAX_STREAMS: 1,
  NEW_TICKET: 2,
  PRIORITY: 3,
} as const
export const FIRST_EXTENSION_RECORD = 64

export interface StreamFrame {
  readonly kind: 'stream'
  readonly id: StreamId
  readonly fin: boolean
  /** Code when this side of the peer aborts its sending. */
  readonly reset: number | undefined
  /** Code when the peer will not read any more. */
  readonly stop: number | undefined
  /** 1..255 in the first frame of a stream, else undefined. */
  readonly weight: number | undefined
  readonly data: readonly Uint8Array[]
  readonly dataLength: number
  /** Position of the data in its direction of the stream, where the framing gives it (1.2). */
  readonly offset?: number
}

export interface PingFrame {
  readonly kind: 'ping'
  readonly reply: boolean
  readonly token: Uint8Array
}

export interface CloseFrame {
  readonly kind: 'close'
  readonly code: number
  readonly reason: string
  readonly lastStreamId: StreamId | undefined
}

export interface KeyUpdateFrame {
  readonly kind: 'key-update'
  readonly generation: number
}

export interface WindowUpdateFrame {
  readonly kind: 'window-update'
  /** 0 is the session window. */
  readonly id: StreamId
  readonly credit: number
}

export type ControlRecord =
  | { readonly record: 'padding' }
  | { readonly record: 'max-streams'; readonly limit: number }
  | { readonly record: 'new-ticket'; readonly lifetimeSeconds: number; readonly handle: Uint8Array }
  | { readonly record: 'priority'; readonly id: StreamId; readonly weight: number }
  | { readonly record: 'extension' }

export interface ControlFrame {
  readonly kind: 'control'
  readonly control: ControlRecord
}

export interface ExtensionFrame {
  readonly kind: 'extension'
  readonly type: number
}

export type Frame =
  | StreamFrame
  | PingFrame
  | CloseFrame
  | KeyUpdateFrame
  | WindowUpdateFrame
  | ControlFrame
  | ExtensionFrame
