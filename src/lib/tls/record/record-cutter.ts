/** Cuts what the other side sends into records. */
import { readU16 } from '../../core/index.ts'
import { ALERT, TlsError } from '../alert.ts'
import { GrowingBytes } from '../growing-bytes.ts'
import { EXPANSION_MOST, PLAINTEXT_MOST, RECORD_HEADER_BYTES } from './constants.ts'

/** The high byte of every version since SSL 3.0. */
const VERSION_MAJOR = 3

export interface CutRecord {
  readonly type: number
  /** The five bytes before the fragment: they are authenticated with it. */
  readonly header: Uint8Array
  readonly fragment: Uint8Array
}

export class RecordCutter {
  readonly #held = new GrowingBytes()
  #at = 0

  push(bytes: Uint8Array): void {
    this.#held.drop(this.#at)
    this.#at = 0
    this.#held.append(bytes)
  }

  /**
   * The next whole record, as views that are good until the next `push`.
   * @throws TlsError for what is no record, as soon as its header is there
   */
  next(): CutRecord | undefined {
    const rest = this.#held.bytes.subarray(this.#at)
    if (rest.length < RECORD_HEADER_BYTES) return undefined
    if (rest[1] !== VERSION_MAJOR) throw new TlsError(ALERT.protocolVersion, 'the server does not speak TLS')
    const length = readU16(rest, 3)
    if (length > PLAINTEXT_MOST + EXPANSION_MOST)
      throw new TlsError(ALERT.recordOverflow, 'the server sent a record that is too long')
    const end = RECORD_HEADER_BYTES + length
    if (rest.length < end) return undefined
    this.#at += end
    return {
      type: rest[0] as number,
      header: rest.subarray(0, RECORD_HEADER_BYTES),
      fragment: rest.subarray(RECORD_HEADER_BYTES, end),
    }
  }

  /** Nothing is left of a record that is not whole. */
  get isEmpty(): boolean {
    return this.#held.length === this.#at
  }
}
