/** Looks into values of unknown shape, as parsers give them. Nothing here throws. */

export type Table = Readonly<Record<string, unknown>>

/** The value as a table; an empty one where it is none, so that paths can be followed without asking. */
export function table(value: unknown): Table {
  return isTable(value) ? value : {}
}

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own field, so that a key such as `__proto__` or `constructor` finds nothing that is not there. */
export function field(value: unknown, key: string): unknown {
  return isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined
}

export function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function tables(value: unknown): readonly Table[] {
  return array(value).filter(isTable)
}

/** A text that is not empty. */
export function string(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/**
 * A text or number as text, empty for all else: mappings of parsers have no prototype, and `String` throws on them.
 */
export function scalarText(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export function strings(value: unknown): readonly string[] {
  return array(value).filter((item): item is string => typeof item === 'string' && item !== '')
}

/** Entries of a table, in the order of the file. */
export function entries(value: unknown): readonly (readonly [string, unknown])[] {
  return isTable(value) ? Object.entries(value) : []
}
