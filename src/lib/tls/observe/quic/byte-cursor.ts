/**
 * Reads fields in order. A field that is not wholly there is undefined, never an error: most datagrams of a capture
 * are something else.
 */
import { readU32, varintLengthFromFirstByte } from '../../../core/index.ts'

export class ByteCursor {
  readonly #bytes: Uint8Array
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  get at(): number {
    return this.#at
  }

  get remaining(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number | undefined {
    return this.#bytes[this.#at++]
  }

  u32(): number | undefined {
    if (this.remaining < 4) return undefined
    const value = readU32(this.#bytes, this.#at)
    this.#at += 4
    return value
  }

  /** A view. */
  bytes(length: number): Uint8Array | undefined {
    if (length > this.remaining) return undefined
    const view = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return view
  }

  /**
   * A variable-length integer, in any of its lengths: QUIC allows longer ones than needed (RFC 9000 section 16), and
   * stacks that fill in a length afterwards use them. Above 2^53 the value is rounded: it is only ever compared with
   * what is left.
   */
  varint(): number | undefined {
    const first = this.#bytes[this.#at]
    if (first === undefined) return undefined
    const length = varintLengthFromFirstByte(first)
    if (length > this.remaining) return undefined
    let value = first & 0x3f
    for (let i = 1; i < length; i++) value = value * 256 + (this.#bytes[this.#at + i] as number)
    this.#at += length
    return value
  }
}
