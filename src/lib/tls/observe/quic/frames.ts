/** Frames of Initial packets (RFC 9000 sections 12.4 and 19). */
import { ByteCursor } from './byte-cursor.ts'

const PADDING = 0x00
const PING = 0x01
const ACK = 0x02
const ACK_ECN = 0x03
const CRYPTO = 0x06
const CONNECTION_CLOSE = 0x1c

export interface CryptoFrame {
  readonly offset: number
  readonly data: Uint8Array
}

/**
 * The CRYPTO frames of a payload.
 * @returns undefined when any frame is cut or not allowed here: the whole packet is an error then (RFC 9000 section 12.4)
 */
export function readCryptoFrames(payload: Uint8Array): readonly CryptoFrame[] | undefined {
  const frames: CryptoFrame[] = []
  const cursor = new ByteCursor(payload)
  while (cursor.remaining > 0) {
    // Every type allowed here fits one byte, and types take their shortest form.
    const type = cursor.u8()
    if (type === PADDING || type === PING) continue
    if (type === CRYPTO) {
      const offset = cursor.varint()
      const data = readSized(cursor)
      if (offset === undefined || data === undefined) return undefined
      frames.push({ offset, data })
    } else if (type === ACK || type === ACK_ECN) {
      if (!skipAck(cursor, type === ACK_ECN ? 3 : 0)) return undefined
    } else if (type === CONNECTION_CLOSE) {
      if (!skipVarints(cursor, 2) || readSized(cursor) === undefined) return undefined
    } else return undefined
  }
  return frames
}

function readSized(cursor: ByteCursor): Uint8Array | undefined {
  const length = cursor.varint()
  return length === undefined ? undefined : cursor.bytes(length)
}

function skipAck(cursor: ByteCursor, ecnCounts: number): boolean {
  if (!skipVarints(cursor, 2)) return false
  const ranges = cursor.varint()
  return ranges !== undefined && skipVarints(cursor, 1 + 2 * ranges + ecnCounts)
}

/** A count that lies ends with the payload. */
function skipVarints(cursor: ByteCursor, count: number): boolean {
  for (let i = 0; i < count; i++) if (cursor.varint() === undefined) return false
  return true
}
