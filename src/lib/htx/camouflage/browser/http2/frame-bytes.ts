/** Frames of HTTP/2 as bytes (RFC 9113 section 4.1). */
import { concat, u16, u32, utf8, writeU24, writeU32 } from '../../../../core/index.ts'
import {
  CHROME_CONNECTION_WINDOW,
  CHROME_SETTINGS,
  FLAG,
  FRAME,
  FRAME_HEADER_BYTES,
  INITIAL_WINDOW,
  PREFACE,
} from './constants.ts'

const EXCLUSIVE = 0x80000000

export function frameBytes(
  type: number,
  flags: number,
  streamId: number,
  ...payload: readonly Uint8Array[]
): Uint8Array {
  const length = payload.reduce((sum, part) => sum + part.length, 0)
  const header = new Uint8Array(FRAME_HEADER_BYTES)
  writeU24(header, 0, length)
  header[3] = type
  header[4] = flags
  writeU32(header, 5, streamId)
  return concat(header, ...payload)
}

/** What Chrome's connections begin with, in one record. */
export function chromeOpening(): Uint8Array {
  const settings = CHROME_SETTINGS.map(([id, value]) => concat(u16(id), u32(value)))
  return concat(
    utf8(PREFACE),
    frameBytes(FRAME.settings, 0, 0, ...settings),
    frameBytes(FRAME.windowUpdate, 0, 0, u32(CHROME_CONNECTION_WINDOW - INITIAL_WINDOW)),
  )
}

/** HEADERS in Chrome's way: whole, and with a place in the old tree of priorities. */
export function chromeHeaders(
  streamId: number,
  weight: number,
  block: Uint8Array,
  isLast: boolean,
): Uint8Array {
  const flags = FLAG.endHeaders | FLAG.priority | (isLast ? FLAG.endStream : 0)
  return frameBytes(FRAME.headers, flags, streamId, u32(EXCLUSIVE), Uint8Array.of(weight), block)
}
