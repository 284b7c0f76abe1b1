/**
 * The recording of one session (section 16): a magic, then records `dir u8 ‖ time u64 ‖ length u32 ‖ bytes` in the order
 * in which the bytes passed, from the first byte of the handshake on.
 */
import { AivError, concat, equal, readU32, readU64, u32, u64, utf8 } from '../../core/index.ts'
import type { Direction } from '../keys/direction.ts'

export const RECORDING_MAGIC: Uint8Array = utf8('HTXREC1\n')
const HEAD_LENGTH = 13
const DIRECTIONS: readonly Direction[] = ['c', 's']

/** @param timeUs microseconds since 1970 */
export function recordHead(direction: Direction, timeUs: bigint, length: number): Uint8Array {
  return concat(utf8(direction), u64(timeUs), u32(length))
}

/** Bytes of one direction: a record, or as much of it as has been read. */
export interface RecordedBytes {
  readonly direction: Direction
  /** Microseconds since 1970. */
  readonly timeUs: bigint
  readonly bytes: Uint8Array
}

/** Reads a recording chunk by chunk. A length is never believed: what it promises is handed on as it comes. */
export class RecordingReader {
  readonly #head = new Uint8Array(HEAD_LENGTH)
  #headLength = 0
  #wanted = RECORDING_MAGIC.length
  #started = false
  #record: { readonly direction: Direction; readonly timeUs: bigint } | undefined
  #left = 0

  /** Call at the end of the file. @throws AivError `E_MALFORMED` when it ends within the magic or a record */
  end(): void {
    if (!this.#started || this.#headLength > 0 || this.#record !== undefined)
      throw new AivError('E_MALFORMED', 'the recording is truncated')
  }

  /**
   * @param chunk the next bytes of the file; the pieces handed out are views of it
   * @throws AivError `E_MALFORMED` when it is no recording
   */
  *read(chunk: Uint8Array): Generator<RecordedBytes> {
    let at = 0
    while (at < chunk.length) {
      if (this.#record !== undefined) {
        const bytes = chunk.subarray(at, at + this.#left)
        at += bytes.length
        this.#left -= bytes.length
        const piece = { ...this.#record, bytes }
        if (this.#left === 0) this.#record = undefined
        yield piece
      } else {
        const part = chunk.subarray(at, at + this.#wanted - this.#headLength)
        this.#head.set(part, this.#headLength)
        this.#headLength += part.length
        at += part.length
        if (this.#headLength === this.#wanted) this.#takeHead()
      }
    }
  }

  #takeHead(): void {
    const head = this.#head
    this.#headLength = 0
    if (!this.#started) {
      if (!equal(head.subarray(0, this.#wanted), RECORDING_MAGIC))
        throw new AivError('E_MALFORMED', 'not a recording: it does not begin with HTXREC1')
      this.#started = true
      this.#wanted = HEAD_LENGTH
      return
    }
    const direction = DIRECTIONS.find((name) => name.charCodeAt(0) === head[0])
    if (direction === undefined) throw new AivError('E_MALFORMED', 'a record of neither direction')
    this.#left = readU32(head, 9)
    // An empty record is legal and says nothing.
    if (this.#left > 0) this.#record = { direction, timeUs: readU64(head, 1) }
  }
}
