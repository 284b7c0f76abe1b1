/** Plaintexts of 1.2 frames: parsing with every rule that makes a frame malformed, and building. */
import {
  AivError,
  concat,
  fromUtf8,
  readU16,
  readU32,
  readU64,
  u16,
  u32,
  u64,
  utf8,
} from '../../core/index.ts'
import { malformed } from '../codes.ts'
import { FIN, FRAME_1_2, type Frame12, SCOPE, STREAM_FIXED } from './types.ts'

const TOKEN_LENGTH = 8
const WINDOW_UPDATE_LENGTH = 5
const CLOSE_FIXED = 4

/**
 * Parses the authenticated plaintext of one frame.
 * @throws ProtocolViolation MALFORMED_FRAME
 */
export function parseFrame12(type: number, id: number, bytes: Uint8Array): Frame12 {
  if (type === FRAME_1_2.STREAM) return parseStream(id, bytes)
  if (type === FRAME_1_2.WINDOW_UPDATE) return parseWindowUpdate(id, bytes)
  if (id !== 0) throw malformed('a stream id in a frame of the connection')
  switch (type) {
    case FRAME_1_2.PING:
      if (bytes.length !== TOKEN_LENGTH) throw malformed('PING is not 8 bytes')
      return { kind: 'ping', token: bytes.slice() }
    case FRAME_1_2.KEY_UPDATE:
      if (bytes.length !== 0) throw malformed('KEY_UPDATE with a payload')
      return { kind: 'key-update' }
    case FRAME_1_2.CLOSE:
      return parseClose(bytes)
    case FRAME_1_2.PATH_CONTROL:
      return { kind: 'path-control', payload: bytes }
    default:
      throw malformed(`frame type ${type}`)
  }
}

function parseStream(id: number, bytes: Uint8Array): Frame12 {
  if (id === 0) throw malformed('STREAM on stream 0')
  if (bytes.length < STREAM_FIXED) throw malformed('STREAM shorter than its fixed fields')
  const flags = bytes[0] as number
  if ((flags & ~FIN) !== 0) throw malformed('an undefined STREAM flag')
  if (readU16(bytes, 9) !== bytes.length - STREAM_FIXED)
    throw malformed('STREAM length is not that of its data')
  return {
    kind: 'stream',
    id,
    fin: flags === FIN,
    offset: readU64(bytes, 1),
    data: bytes.subarray(STREAM_FIXED),
  }
}

function parseWindowUpdate(id: number, bytes: Uint8Array): Frame12 {
  if (bytes.length !== WINDOW_UPDATE_LENGTH) throw malformed('WINDOW_UPDATE is not 5 bytes')
  const scope = bytes[0]
  if (scope !== SCOPE.CONNECTION && scope !== SCOPE.STREAM) throw malformed('an unknown window scope')
  if ((scope === SCOPE.CONNECTION) !== (id === 0)) throw malformed('window scope and stream id disagree')
  const credit = readU32(bytes, 1)
  if (credit === 0) throw malformed('WINDOW_UPDATE without credit')
  return { kind: 'window-update', id, credit }
}

function parseClose(bytes: Uint8Array): Frame12 {
  if (bytes.length < CLOSE_FIXED) throw malformed('CLOSE shorter than its fixed fields')
  if (readU16(bytes, 2) !== bytes.length - CLOSE_FIXED)
    throw malformed('CLOSE length is not that of its reason')
  try {
    return { kind: 'close', code: readU16(bytes, 0), reason: fromUtf8(bytes.subarray(CLOSE_FIXED)) }
  } catch (error) {
    if (error instanceof AivError) throw malformed('CLOSE reason is not UTF-8')
    throw error
  }
}

/** The bytes before the data of a STREAM. @param length of the data, bytes */
export function buildStreamHead12(fin: boolean, offset: bigint | number, length: number): Uint8Array {
  return concat(Uint8Array.of(fin ? FIN : 0), u64(offset), u16(length))
}

/** @param id 0 for the connection */
export function buildWindowUpdate12(id: number, credit: number): Uint8Array {
  return concat(Uint8Array.of(id === 0 ? SCOPE.CONNECTION : SCOPE.STREAM), u32(credit))
}

export function buildClose12(code: number, reason: string): Uint8Array {
  const text = utf8(reason)
  return concat(u16(code), u16(text.length), text)
}
