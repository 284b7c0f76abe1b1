/** Strict reading of JSON objects from files: every field once, of the right shape, and none that is unknown. */
import { AivError, fromHex, fromUtf8 } from '../../core/index.ts'

/** Takes fields out of a JSON object, each exactly once. */
export class Fields {
  readonly #left: Map<string, unknown>

  /** @throws AivError `E_MALFORMED` when the value is not an object */
  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw unreadable('it is not a JSON object')
    this.#left = new Map(Object.entries(value))
  }

  /** @throws AivError `E_MALFORMED` */
  static ofJson(bytes: Uint8Array): Fields {
    let value: unknown
    try {
      value = JSON.parse(fromUtf8(bytes))
    } catch {
      // Without the cause: the parser's message quotes the input, which may be a secret.
      throw unreadable('it is not JSON')
    }
    return new Fields(value)
  }

  has(name: string): boolean {
    return this.#left.has(name)
  }

  /** The raw value; undefined when the field is missing. */
  optional(name: string): unknown {
    const value = this.#left.get(name)
    this.#left.delete(name)
    return value
  }

  text(name: string): string {
    const value = this.optional(name)
    if (typeof value !== 'string') throw unreadable(`its field ${name} is not a text`)
    return value
  }

  /** An integer 0..2^53-1. */
  integer(name: string): number {
    const value = this.optional(name)
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
      throw unreadable(`its field ${name} is not a whole number`)
    return value
  }

  flag(name: string): boolean {
    const value = this.optional(name)
    if (typeof value !== 'boolean') throw unreadable(`its field ${name} is neither true nor false`)
    return value
  }

  /** Hex of exactly `length` bytes. */
  bytes(name: string, length: number): Uint8Array {
    const value = this.optional(name)
    const hex = typeof value === 'string' && value.length === 2 * length && /^[0-9a-f]*$/.test(value)
    if (!hex) throw unreadable(`its field ${name} is not ${length} bytes of lower-case hex`)
    return fromHex(value)
  }

  /** Nothing that we do not understand may stand in a key file. */
  finish(): void {
    if (this.#left.size > 0) throw unreadable('it has fields that this program does not know')
  }
}

function unreadable(why: string): AivError {
  return new AivError('E_MALFORMED', why)
}
