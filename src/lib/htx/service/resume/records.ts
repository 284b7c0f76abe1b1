/** The records of a carrying stream (section 12.3): bytes in, records out, whatever the pieces they come in. */
import {
  AivError,
  decodeVarint,
  readU16,
  readU64,
  releaseBuffers,
  releaseInParts,
  u64,
  varintLength,
  writeVarint,
} from '../../../core/index.ts'
import { DATA_MOST } from './constants.ts'

const TYPE = { data: 0, ack: 1, end: 2, abort: 3 } as const

/** A type and the largest thing that follows it: the u64 of ACK. */
const HEAD_MOST = 9

/** Who is told of records, in order. */
export interface RecordSink {
  /** A part of a DATA record, never empty: what has come of it is good before the rest has. */
  data(bytes: Uint8Array): void
  /** @param count bytes consumed, END included */
  ack(count: number): void
  end(): void
  aborted(code: number): void
}

export class RecordReader {
  readonly #sink: RecordSink
  readonly #head = new Uint8Array(HEAD_MOST)
  #headLength = 0
  /** Bytes of the present DATA record that have not come. */
  #dataLeft = 0

  constructor(sink: RecordSink) {
    this.#sink = sink
  }

  /**
   * Takes the next bytes; parts of `chunk` go to the sink as they are. With the last of them released, it is as well.
   * @throws AivError `E_MALFORMED` as soon as a record cannot be one; what the sink throws
   */
  push(chunk: Uint8Array): void {
    releaseInParts(chunk)
    let at = 0
    /** Bytes of heads, which nobody but us has had. */
    let heads = 0
    while (at < chunk.length) {
      if (this.#dataLeft > 0) {
        const part = chunk.subarray(at, at + this.#dataLeft)
        this.#dataLeft -= part.length
        at += part.length
        this.#sink.data(part)
      } else {
        heads++
        this.#head[this.#headLength++] = chunk[at++] as number
        if (this.#take(this.#head.subarray(0, this.#headLength))) this.#headLength = 0
      }
    }
    // It is their number that counts.
    if (heads > 0) releaseBuffers([chunk.subarray(0, heads)])
  }

  /** @returns true when the head was whole */
  #take(head: Uint8Array): boolean {
    switch (head[0]) {
      case TYPE.data:
        return this.#takeLength(head)
      case TYPE.ack:
        if (head.length < 9) return false
        this.#sink.ack(countOf(head, 1))
        return true
      case TYPE.end:
        this.#sink.end()
        return true
      case TYPE.abort:
        if (head.length < 3) return false
        this.#sink.aborted(readU16(head, 1))
        return true
      default:
        throw new AivError('E_MALFORMED', `a record of unknown type ${head[0]}`)
    }
  }

  #takeLength(head: Uint8Array): boolean {
    const first = head[1]
    // The two highest bits say how long the number is: 1, 2, 4 or 8 bytes, and no length here needs 8.
    if (first === undefined || head.length < 1 + Math.min(4, 1 << (first >>> 6))) return false
    const length = first >>> 6 === 3 ? DATA_MOST + 1 : decodeVarint(head, 1).value
    if (length < 1 || length > DATA_MOST) throw new AivError('E_MALFORMED', 'a DATA record of a wrong length')
    this.#dataLeft = length
    return true
  }
}

/** What stands before the `length` bytes of a DATA record. */
export function encodeDataHead(length: number): Uint8Array {
  const head = new Uint8Array(1 + varintLength(length))
  writeVarint(head, 1, length)
  return head
}

export function encodeAck(count: number): Uint8Array {
  const record = new Uint8Array(9)
  record[0] = TYPE.ack
  record.set(u64(count), 1)
  return record
}

export function encodeEnd(): Uint8Array {
  return Uint8Array.of(TYPE.end)
}

export function encodeAbort(code: number): Uint8Array {
  return Uint8Array.of(TYPE.abort, code >>> 8, code & 0xff)
}

/**
 * A count of bytes as a number.
 * @throws AivError `E_MALFORMED` beyond what anybody has sent
 */
export function countOf(bytes: Uint8Array, at: number): number {
  const count = readU64(bytes, at)
  if (count > BigInt(Number.MAX_SAFE_INTEGER)) throw new AivError('E_MALFORMED', 'a count that is too large')
  return Number(count)
}
