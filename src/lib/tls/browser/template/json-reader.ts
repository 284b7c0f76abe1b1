/** Reads the fields of a JSON object one by one, and knows which nobody asked for. */
import { AivError, fromHex } from '../../../core/index.ts'

export class JsonReader {
  /** What it reads, for messages. */
  readonly name: string
  readonly #fields: ReadonlyMap<string, unknown>
  readonly #unread: Set<string>

  /** @throws AivError `E_MALFORMED` when `value` is no object */
  constructor(value: unknown, name: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new AivError('E_MALFORMED', `${name} is not a JSON object`)
    this.name = name
    this.#fields = new Map(Object.entries(value))
    this.#unread = new Set(this.#fields.keys())
  }

  has(field: string): boolean {
    return this.#fields.has(field)
  }

  take(field: string): unknown {
    this.#unread.delete(field)
    return this.#fields.get(field)
  }

  text(field: string, pattern: RegExp): string {
    return this.#checkedText(this.take(field), field, pattern)
  }

  optionalText(field: string, pattern: RegExp): string | undefined {
    return this.has(field) ? this.text(field, pattern) : undefined
  }

  texts(field: string, pattern: RegExp, most: number): readonly string[] {
    return this.list(field, most).map((value) => this.#checkedText(value, field, pattern))
  }

  /** Hexadecimal digits, also none. */
  hex(field: string): Uint8Array {
    return fromHex(this.text(field, /^(?:[0-9a-f]{2}){0,4096}$/))
  }

  oneOf<T extends string>(field: string, values: readonly T[]): T {
    const value = this.take(field)
    const found = values.find((each) => each === value)
    if (found === undefined) throw this.#wrong(field, `is not one of ${values.join(', ')}`)
    return found
  }

  integer(field: string, least: number, most: number): number {
    return this.#checkedInteger(this.take(field), field, least, most)
  }

  integers(field: string, least: number, most: number, items: number): readonly number[] {
    return this.list(field, items).map((value) => this.#checkedInteger(value, field, least, most))
  }

  /** True when it is there; it may say nothing else. */
  optionalFlag(field: string): boolean {
    if (!this.has(field)) return false
    if (this.take(field) !== true) throw this.#wrong(field, 'is neither true nor absent')
    return true
  }

  /** At least one item. */
  list(field: string, most: number): readonly unknown[] {
    const value = this.take(field)
    if (!Array.isArray(value) || value.length === 0 || value.length > most)
      throw this.#wrong(field, `is not a list of 1 to ${most} items`)
    return value
  }

  object(field: string): JsonReader {
    return new JsonReader(this.take(field), `${this.name}: ${field}`)
  }

  /** @throws AivError `E_MALFORMED` for a field that was not asked for: a misspelt one would be passed over */
  end(): void {
    const [unread] = this.#unread
    if (unread !== undefined) throw this.#wrong(unread, 'is not known')
  }

  #checkedText(value: unknown, field: string, pattern: RegExp): string {
    if (typeof value !== 'string' || !pattern.test(value))
      throw this.#wrong(field, 'is absent or not as it must be')
    return value
  }

  #checkedInteger(value: unknown, field: string, least: number, most: number): number {
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most)
      throw this.#wrong(field, `is not a number from ${least} to ${most}`)
    return value as number
  }

  #wrong(field: string, what: string): AivError {
    return new AivError('E_MALFORMED', `${this.name}: ${JSON.stringify(field)} ${what}`)
  }
}
