/** Plaintexts of frames (section 5 and 5.1): parsing with every rule that makes a frame MALFORMED, and building. */
import {
  AivError,
  concat,
  encodeVarint,
  fromUtf8,
  readU16,
  readU32,
  u16,
  u32,
  utf8,
} from '../../core/index.ts'
import { CODE, malformed } from '../codes.ts'
import { MAX_CREDIT, PADDING_MOST, PING_PADDING_MOST, REASON_MOST } from '../constants.ts'
import type { Direction } from '../keys/direction.ts'
import { readStreamId } from './reader.ts'
import {
  ALL_FLAGS,
  type CloseFrame,
  type ControlRecord,
  FIRST_EXTENSION_RECORD,
  FLAG,
  FRAME,
  type Frame,
  type PingFrame,
  RECORD,
  type StreamFrame,
  type StreamId,
} from './types.ts'

const NO_DATA: readonly Uint8Array[] = []
const PING_FIXED = 9
const NEW_TICKET_LENGTH = 20

/**
 * Parses the authenticated plaintext of one frame.
 * @param direction which way it travelled: NEW_TICKET is the server's alone
 * @throws ProtocolViolation MALFORMED_FRAME
 */
export function parseFrame(
  type: number,
  streamId: StreamId | undefined,
  parts: readonly Uint8Array[],
  length: number,
  direction: Direction,
): Frame {
  if (type === FRAME.STREAM && streamId !== 0) return parseStream(streamId as StreamId, parts, length)
  const bytes = parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts)
  switch (type) {
    case FRAME.STREAM:
      return { kind: 'control', control: parseRecord(bytes, direction) }
    case FRAME.PING:
      return parsePing(bytes)
    case FRAME.CLOSE:
      return parseClose(bytes)
    case FRAME.KEY_UPDATE:
      if (bytes.length !== 4) throw malformed('KEY_UPDATE is not 4 bytes')
      return { kind: 'key-update', generation: readU32(bytes, 0) }
    case FRAME.WINDOW_UPDATE:
      return parseWindowUpdate(streamId as StreamId, bytes)
    default:
      return { kind: 'extension', type }
  }
}

function parseStream(id: StreamId, parts: readonly Uint8Array[], length: number): StreamFrame {
  const head = firstBytes(parts, 4)
  const flags = head[0]
  if (flags === undefined) throw malformed('STREAM without its flags byte')
  if ((flags & ~ALL_FLAGS) !== 0) throw malformed('an undefined STREAM flag')
  const fin = (flags & FLAG.FIN) !== 0
  const isReset = (flags & FLAG.RESET) !== 0
  const isStop = (flags & FLAG.STOP) !== 0
  if (isReset && fin) throw malformed('RESET together with FIN')
  let at = 1
  let weight: number | undefined
  if ((flags & FLAG.OPEN) !== 0) {
    weight = head[at++]
    if (weight === undefined || weight === 0) throw malformed('OPEN with no weight or weight 0')
  }
  let code: number | undefined
  if (isReset || isStop) {
    if (length < at + 2) throw malformed('RESET or STOP without its code')
    code = readU16(head, at)
    at += 2
    if (length > at) throw malformed('RESET or STOP with data')
  }
  return {
    kind: 'stream',
    id,
    fin,
    reset: isReset ? code : undefined,
    stop: isStop ? code : undefined,
    weight,
    data: length === at ? NO_DATA : dropBytes(parts, at),
    dataLength: length - at,
  }
}

/** Up to `count` leading bytes, wherever the pieces break. */
function firstBytes(parts: readonly Uint8Array[], count: number): Uint8Array {
  const first = parts[0]
  if (first === undefined) return new Uint8Array(0)
  if (first.length >= count || parts.length === 1) return first.subarray(0, count)
  const out: number[] = []
  for (const part of parts) {
    for (const byte of part) {
      if (out.length === count) return Uint8Array.from(out)
      out.push(byte)
    }
  }
  return Uint8Array.from(out)
}

function dropBytes(parts: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  const out: Uint8Array[] = []
  let left = count
  for (const part of parts) {
    if (left >= part.length) {
      left -= part.length
    } else {
      out.push(left === 0 ? part : part.subarray(left))
      left = 0
    }
  }
  return out
}

function parsePing(bytes: Uint8Array): PingFrame {
  if (bytes.length < PING_FIXED) throw malformed('PING shorter than its fixed fields')
  if (bytes.length > PING_FIXED + PING_PADDING_MOST) throw malformed('PING padding is too long')
  const kind = bytes[0] as number
  if (kind > 1) throw malformed('PING kind above 1')
  for (let i = PING_FIXED; i < bytes.length; i++)
    if (bytes[i] !== 0) throw malformed('PING padding is not zero')
  return { kind: 'ping', reply: kind === 1, token: bytes.slice(1, PING_FIXED) }
}

function parseClose(bytes: Uint8Array): CloseFrame {
  if (bytes.length < 4) throw malformed('CLOSE shorter than its fixed fields')
  const code = readU16(bytes, 0)
  const reasonLength = readU16(bytes, 2)
  if (reasonLength > REASON_MOST) throw malformed('CLOSE reason is too long')
  const end = 4 + reasonLength
  if (bytes.length < end) throw malformed('CLOSE reason is longer than the frame')
  let reason: string
  try {
    reason = fromUtf8(bytes.subarray(4, end))
  } catch (error) {
    if (error instanceof AivError) throw malformed('CLOSE reason is not UTF-8')
    throw error
  }
  if (code !== CODE.DRAIN) {
    if (bytes.length !== end) throw malformed('bytes after CLOSE')
    return { kind: 'close', code, reason, lastStreamId: undefined }
  }
  const { id, next } = readStreamId(bytes, end)
  if (next !== bytes.length) throw malformed('bytes after DRAIN')
  return { kind: 'close', code, reason, lastStreamId: id }
}

function parseWindowUpdate(id: StreamId, bytes: Uint8Array): Frame {
  if (bytes.length !== 4) throw malformed('WINDOW_UPDATE is not 4 bytes')
  const credit = readU32(bytes, 0)
  if (credit === 0 || credit > MAX_CREDIT) throw malformed('WINDOW_UPDATE credit out of range')
  return { kind: 'window-update', id, credit }
}

function parseRecord(bytes: Uint8Array, direction: Direction): ControlRecord {
  const kind = bytes[0]
  switch (kind) {
    case undefined:
      throw malformed('a control record without its kind')
    case RECORD.PADDING:
      if (bytes.length - 1 > PADDING_MOST) throw malformed('PADDING is too long')
      return { record: 'padding' }
    case RECORD.MAX_STREAMS:
      if (bytes.length !== 5) throw malformed('MAX_STREAMS is not 5 bytes')
      return { record: 'max-streams', limit: readU32(bytes, 1) }
    case RECORD.NEW_TICKET:
      if (direction === 'c') throw malformed('NEW_TICKET from a client')
      if (bytes.length !== 1 + NEW_TICKET_LENGTH) throw malformed('NEW_TICKET is not 21 bytes')
      return { record: 'new-ticket', lifetimeSeconds: readU32(bytes, 1), handle: bytes.slice(5) }
    case RECORD.PRIORITY: {
      const { id, next } = readStreamId(bytes, 1)
      const weight = bytes[next]
      if (weight === undefined || bytes.length !== next + 1) throw malformed('PRIORITY of the wrong length')
      if (weight === 0) throw malformed('weight 0')
      return { record: 'priority', id, weight }
    }
    default:
      if (kind < FIRST_EXTENSION_RECORD) throw malformed(`control record kind ${kind}`)
      return { record: 'extension' }
  }
}

export interface StreamFlags {
  readonly fin?: boolean
  /** RESET with this code. */
  readonly reset?: number
  /** STOP with this code; with `reset` the codes are equal. */
  readonly stop?: number
  /** OPEN with this weight, 1..255. */
  readonly open?: number
}

/** The bytes before the data of a STREAM plaintext. */
export function buildStreamHead(flags: StreamFlags): Uint8Array {
  const code = flags.reset ?? flags.stop
  const head = new Uint8Array(1 + (flags.open === undefined ? 0 : 1) + (code === undefined ? 0 : 2))
  head[0] =
    (flags.fin === true ? FLAG.FIN : 0) |
    (flags.reset === undefined ? 0 : FLAG.RESET) |
    (flags.stop === undefined ? 0 : FLAG.STOP) |
    (flags.open === undefined ? 0 : FLAG.OPEN)
  let at = 1
  if (flags.open !== undefined) head[at++] = flags.open
  if (code !== undefined) head.set(u16(code), at)
  return head
}

export function buildPing(reply: boolean, token: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(reply ? 1 : 0), token)
}

/** `reason` is cut to 512 bytes on a character border. */
export function buildClose(code: number, reason: string, lastStreamId?: StreamId): Uint8Array {
  let text = utf8(reason)
  if (text.length > REASON_MOST) {
    let end = REASON_MOST
    while (((text[end] as number) & 0xc0) === 0x80) end--
    text = text.subarray(0, end)
  }
  return concat(
    u16(code),
    u16(text.length),
    text,
    lastStreamId === undefined ? new Uint8Array(0) : encodeVarint(lastStreamId),
  )
}

export function buildKeyUpdate(generation: number): Uint8Array {
  return u32(generation)
}

export function buildWindowUpdate(credit: number): Uint8Array {
  return u32(credit)
}

export function buildPadding(length: number): Uint8Array {
  return new Uint8Array(1 + length)
}

export function buildMaxStreams(limit: number): Uint8Array {
  return concat(Uint8Array.of(RECORD.MAX_STREAMS), u32(limit))
}

/** @param handle 16 bytes */
export function buildNewTicket(lifetimeSeconds: number, handle: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(RECORD.NEW_TICKET), u32(lifetimeSeconds), handle)
}

export function buildPriority(id: StreamId, weight: number): Uint8Array {
  return concat(Uint8Array.of(RECORD.PRIORITY), encodeVarint(id), Uint8Array.of(weight))
}
