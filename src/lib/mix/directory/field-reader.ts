/**
 * Strict reading of a document that exists in two forms with the same fields: CBOR, where bytes are bytes, and JSON, where
 * they are lower-case hex. Every field is taken once and has its shape; none is unknown.
 */
import { AivError, fromHex } from '../../core/index.ts'

export type DocumentForm = 'cbor' | 'json'

const HEX = /^[0-9a-f]*$/

export class FieldReader {
  readonly #left: Map<string, unknown>
  readonly #form: DocumentForm
  /** Where in the document, for messages. */
  readonly #place: string

  /** @throws AivError `E_MALFORMED` when the value is not an object */
  constructor(value: unknown, form: DocumentForm, place: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
      throw malformed(`${place} is not an object`)
    this.#left = new Map(Object.entries(value))
    this.#form = form
    this.#place = place
  }

  has(name: string): boolean {
    return this.#left.has(name)
  }

  integer(name: string, least: number, most: number): number {
    const value = this.#take(name)
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
      throw malformed(`${name} of ${this.#place} is not a whole number from ${least} to ${most}`)
    return value
  }

  bytes(name: string, length: number): Uint8Array {
    const value = this.#take(name)
    if (this.#form === 'cbor' && value instanceof Uint8Array && value.length === length) return value
    if (this.#form === 'json' && typeof value === 'string' && value.length === 2 * length && HEX.test(value))
      return fromHex(value)
    throw malformed(`${name} of ${this.#place} is not ${length} bytes`)
  }

  /** Text that matches as a whole; the pattern bounds its length. */
  text(name: string, pattern: RegExp): string {
    const value = this.#take(name)
    if (typeof value !== 'string' || !pattern.test(value))
      throw malformed(`${name} of ${this.#place} is not a text of its form`)
    return value
  }

  oneOf<T extends string>(name: string, options: readonly T[]): T {
    const value = this.#take(name)
    const found = options.find((option) => option === value)
    if (found === undefined) throw malformed(`${name} of ${this.#place} is none of ${options.join(', ')}`)
    return found
  }

  list(name: string, least: number, most: number): readonly unknown[] {
    const value = this.#take(name)
    if (!Array.isArray(value) || value.length < least || value.length > most)
      throw malformed(`${name} of ${this.#place} is not a list of ${least} to ${most} values`)
    return value
  }

  object(name: string): FieldReader {
    return new FieldReader(this.#take(name), this.#form, `${name} of ${this.#place}`)
  }

  /** An element of a list as an object. */
  element(value: unknown, place: string): FieldReader {
    return new FieldReader(value, this.#form, place)
  }

  /** What is not understood is refused: signatures cover it, and its meaning could change that of the rest. */
  finish(): void {
    const [unknown] = this.#left.keys()
    if (unknown !== undefined) throw malformed(`${this.#place} has an unknown field`)
  }

  #take(name: string): unknown {
    const value = this.#left.get(name)
    this.#left.delete(name)
    return value
  }
}

export function malformed(message: string): AivError {
  return new AivError('E_MALFORMED', message)
}
