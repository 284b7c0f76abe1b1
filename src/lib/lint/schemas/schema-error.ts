/** What a schema objects to. */

export interface SchemaError {
  /** JSON pointer (RFC 6901); empty for the document as a whole. */
  readonly pointer: string
  /** Follows the pointer: `has to be a text`. */
  readonly message: string
}

/** A hostile document could have millions; nobody reads more than these. */
const MAX_SCHEMA_ERRORS = 1000

/** Collects objections up to the limit. */
export class SchemaErrors {
  readonly list: SchemaError[] = []

  add(pointer: string, message: string): void {
    if (!this.isFull) this.list.push({ pointer, message })
  }

  get isFull(): boolean {
    return this.list.length >= MAX_SCHEMA_ERRORS
  }
}

/** @see RFC 6901 §3 */
export function below(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** A key or value of the document, short enough for a message. */
export function quoted(text: string): string {
  return `"${text.length <= 60 ? text : `${text.slice(0, 59)}…`}"`
}
