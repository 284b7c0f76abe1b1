/** Frames of the Betanet 1.2 draft (section 13.2) as values. */

export const FRAME_1_2 = {
  STREAM: 0,
  WINDOW_UPDATE: 1,
  PING: 2,
  KEY_UPDATE: 3,
  CLOSE: 4,
  PATH_CONTROL: 0x20,
} as const

/** Len, Type, StreamID and AAD. */
export const HEADER_LENGTH = 10
/** What Len counts of the header: Type, StreamID and AAD. */
export const HEADER_IN_LEN = 7
/** Largest frame on the wire, Len included, bytes. */
export const FRAME_MOST = 65_535
/** Flags, offset and length before the data of a STREAM. */
export const STREAM_FIXED = 11
/** Receive windows that both sides begin with, bytes. */
export const INITIAL_WINDOW = { connection: 65_535, stream: 32_768 } as const
/** An echo comes within this time, milliseconds. */
export const PING_ECHO_MS = 5_000
export const FIN = 0x01
export const SCOPE = { CONNECTION: 0, STREAM: 1 } as const

export type Frame12 =
  | {
      readonly kind: 'stream'
      readonly id: number
      readonly fin: boolean
      /** Position of the data in its direction of the stream, bytes. */
      readonly offset: bigint
      readonly data: Uint8Array
    }
  | {
      readonly kind: 'window-update'
      /** 0 is the whole connection. */
      readonly id: number
      readonly credit: number
    }
  | { readonly kind: 'ping'; readonly token: Uint8Array }
  | { readonly kind: 'key-update' }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'path-control'; readonly payload: Uint8Array }
