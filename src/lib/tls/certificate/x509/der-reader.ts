/** Reads DER (X.690 section 10) from front to back: one encoding for each value, nothing beyond its bounds. */
import { AivError, toHex } from '../../../core/index.ts'
import { TAG } from '../der.ts'

/** Tags of more than one byte do not occur in certificates. */
const LONG_TAG = 0x1f
/** No certificate comes near 16 MiB. */
const LENGTH_BYTES_MOST = 3

export class DerReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  /** Tag of what comes next; undefined at the end. */
  get nextTag(): number | undefined {
    return this.#bytes[this.#at]
  }

  /**
   * The content of the next value, as a view.
   * @throws AivError `E_MALFORMED` for another tag, a length that is not DER, or one beyond the end
   */
  take(tag: number): Uint8Array {
    return this.#take(tag, false)
  }

  /** The next value with its tag and length, as a view. */
  takeWhole(tag: number): Uint8Array {
    return this.#take(tag, true)
  }

  /** The content of the next value if it has this tag. */
  takeOptional(tag: number): Uint8Array | undefined {
    return this.nextTag === tag ? this.take(tag) : undefined
  }

  /** The content of the next value, which is an object identifier, in hex. */
  takeIdentifier(tag: number = TAG.OBJECT_IDENTIFIER): string {
    const content = this.take(tag)
    const isWhole = (content.at(-1) ?? 0x80) < 0x80
    // A number neither begins with zeros nor ends in the middle.
    if (
      !isWhole ||
      content.some((byte, i) => byte === 0x80 && (i === 0 || (content[i - 1] as number) < 0x80))
    )
      throw malformed('an object identifier has another form')
    return toHex(content)
  }

  /** A reader of what is in the next value. */
  enter(tag: number): DerReader {
    return new DerReader(this.take(tag))
  }

  /** @throws AivError `E_MALFORMED` when something is left */
  end(): void {
    if (!this.isAtEnd) throw malformed('bytes lie behind a value')
  }

  #take(tag: number, withHeader: boolean): Uint8Array {
    const start = this.#at
    const found = this.#byte()
    if (found !== tag || (found & LONG_TAG) === LONG_TAG)
      throw malformed(`tag 0x${found.toString(16)} stands where 0x${tag.toString(16)} belongs`)
    const length = this.#length()
    if (length > this.#bytes.length - this.#at) throw malformed('a value ends before its length says')
    const content = this.#at
    this.#at += length
    return this.#bytes.subarray(withHeader ? start : content, this.#at)
  }

  #length(): number {
    const first = this.#byte()
    if (first < 0x80) return first
    const count = first - 0x80
    // No bytes of length would be the indefinite form of BER.
    if (count === 0 || count > LENGTH_BYTES_MOST) throw malformed('a length has a form that is not taken')
    let length = 0
    for (let i = 0; i < count; i++) length = length * 256 + this.#byte()
    if (length < 0x80 || length < 256 ** (count - 1)) throw malformed('a length is longer than it must be')
    return length
  }

  #byte(): number {
    const byte = this.#bytes[this.#at]
    if (byte === undefined) throw malformed('it ends too early')
    this.#at++
    return byte
  }
}

/** @throws AivError `E_MALFORMED` unless it is one byte 00 or ff */
export function booleanOf(content: Uint8Array): boolean {
  const [value] = content
  if (content.length !== 1 || (value !== 0 && value !== 0xff))
    throw malformed('a truth value has another form')
  return value === 0xff
}

/**
 * An integer from 0 to 2^31 - 1.
 * @throws AivError `E_MALFORMED` when it is negative, larger, or longer than it must be
 */
export function smallIntegerOf(content: Uint8Array): number {
  const [first = 0x80, second = 0] = content
  const isPadded = content.length > 1 && first === 0 && second < 0x80
  if (content.length > 4 || first >= 0x80 || isPadded) throw malformed('a number is out of range')
  return content.reduce((value, byte) => value * 256 + byte, 0)
}

/**
 * Whole bytes of a BIT STRING and the number of bits in the last one that do not count.
 * @throws AivError `E_MALFORMED` when those bits are not zero
 */
export function bitsOf(content: Uint8Array): { readonly bytes: Uint8Array; readonly unused: number } {
  const [unused = 8] = content
  const bytes = content.subarray(1)
  const last = bytes.at(-1)
  if (unused > 7 || (last === undefined && unused > 0) || ((last ?? 0) & ((1 << unused) - 1)) !== 0)
    throw malformed('a string of bits has another form')
  return { bytes, unused }
}

export function malformed(what: string, cause?: unknown): AivError {
  return new AivError('E_MALFORMED', what, { cause })
}
