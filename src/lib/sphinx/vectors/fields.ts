/** Reads the fields of a vector; what is missing or of the wrong kind fails that vector with its name. */
import { fromHex, toHex } from '../../core/index.ts'

export type Vector = { readonly [field: string]: unknown }

/** Longest value in hex: published packets have a few thousand digits, and nothing here needs more. */
const MAX_HEX_DIGITS = 1 << 21

export function isVector(value: unknown): value is Vector {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function text(vector: Vector, field: string): string {
  const value = Object.hasOwn(vector, field) ? vector[field] : undefined
  if (typeof value !== 'string') throw new Error(`field ${field} is missing or not text`)
  return value
}

export function integer(vector: Vector, field: string): number {
  const value = Object.hasOwn(vector, field) ? vector[field] : undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new Error(`field ${field} is missing or not an integer`)
  return value
}

export function bytes(vector: Vector, field: string, length?: number): Uint8Array {
  return hex(text(vector, field), field, length)
}

export function list(vector: Vector, field: string): readonly unknown[] {
  const value = Object.hasOwn(vector, field) ? vector[field] : undefined
  if (!Array.isArray(value)) throw new Error(`field ${field} is missing or not a list`)
  return value
}

export function vectors(vector: Vector, field: string): readonly Vector[] {
  const value = list(vector, field)
  if (!value.every(isVector)) throw new Error(`field ${field} is not a list of objects`)
  return value
}

/** @param length in bytes, where it is known */
export function hex(value: unknown, what: string, length?: number): Uint8Array {
  if (typeof value !== 'string' || value.length > MAX_HEX_DIGITS) throw new Error(`${what} is not hex`)
  let decoded: Uint8Array
  try {
    decoded = fromHex(value)
  } catch {
    throw new Error(`${what} is not hex`)
  }
  if (length !== undefined && decoded.length !== length)
    throw new Error(`${what} is not ${length} bytes long`)
  return decoded
}

/** @throws Error naming what differs and where */
export function expectBytes(what: string, actual: Uint8Array, expected: Uint8Array): void {
  const a = toHex(actual)
  const b = toHex(expected)
  if (a === b) return
  let at = 0
  while (a[at] === b[at]) at++
  throw new Error(`${what} differs from byte ${at >> 1} of ${expected.length} on`)
}

export function expect(condition: boolean, complaint: string): asserts condition {
  if (!condition) throw new Error(complaint)
}
