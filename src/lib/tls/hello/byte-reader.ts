/** Reads a TLS structure from front to back within its bounds (RFC 8446 section 3). */
import { AivError, readU16, readU24 } from '../../core/index.ts'

export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Bytes that have not been read. */
  get left(): number {
    return this.#bytes.length - this.#at
  }

  u8(): number {
    return this.take(1)[0] as number
  }

  u16(): number {
    return readU16(this.take(2), 0)
  }

  u24(): number {
    return readU24(this.take(3), 0)
  }

  /**
   * The next bytes, as a view.
   * @throws AivError `E_MALFORMED` when there are fewer
   */
  take(length: number): Uint8Array {
    if (length > this.left) throw new AivError('E_MALFORMED', 'a TLS structure ends before its length says')
    const start = this.#at
    this.#at += length
    return this.#bytes.subarray(start, this.#at)
  }

  /** A vector with a length of one byte before it. */
  vector8(): Uint8Array {
    return this.take(this.u8())
  }

  /** A vector with a length of two bytes before it. */
  vector16(): Uint8Array {
    return this.take(this.u16())
  }

  /** @throws AivError `E_MALFORMED` when something is left */
  end(): void {
    if (this.left > 0) throw new AivError('E_MALFORMED', `${this.left} bytes lie behind a TLS structure`)
  }
}

/**
 * A vector of 16-bit numbers.
 * @throws AivError `E_MALFORMED` for half a number
 */
export function u16List(bytes: Uint8Array): readonly number[] {
  if (bytes.length % 2 !== 0) throw new AivError('E_MALFORMED', 'a list of 16-bit numbers has an odd length')
  const list: number[] = []
  for (let at = 0; at < bytes.length; at += 2) list.push(readU16(bytes, at))
  return list
}
