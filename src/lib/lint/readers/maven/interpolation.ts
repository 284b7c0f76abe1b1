/** `${name}` in a POM. Values may hold names again, so both depth and length have to end. */

/** A version or coordinate is never longer; properties that double each other would be. */
const MAX_VALUE_LENGTH = 4096

const NAME = /\$\{([^${}\s]{1,200})\}/g

export class Interpolation {
  readonly #lookup: (name: string) => string | undefined
  readonly #values = new Map<string, string>()
  readonly #open = new Set<string>()

  /** @param lookup gives the value as it is written; undefined when nothing has that name */
  constructor(lookup: (name: string) => string | undefined) {
    this.#lookup = lookup
  }

  /** @returns the text; a name stays as it is where it has no value, refers to itself or grows too long */
  resolve(text: string): string {
    if (!text.includes('${')) return text
    const resolved = text.replace(NAME, (written, name: string) => this.value(name) ?? written)
    return resolved.length > MAX_VALUE_LENGTH ? text.slice(0, MAX_VALUE_LENGTH) : resolved
  }

  /** The value of a name; undefined when it has none. */
  value(name: string): string | undefined {
    const known = this.#values.get(name)
    if (known !== undefined) return known
    if (this.#open.has(name)) return undefined
    const written = this.#lookup(name)
    if (written === undefined || written.length > MAX_VALUE_LENGTH) return undefined
    this.#open.add(name)
    const value = this.resolve(written)
    this.#open.delete(name)
    this.#values.set(name, value)
    return value
  }
}

/** Something in it has no value. */
export function isUnresolved(text: string): boolean {
  return text.includes('${')
}
