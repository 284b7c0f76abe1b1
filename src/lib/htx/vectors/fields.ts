/** Reads the fields of a vector; what is missing or of the wrong kind fails that vector with its name. */
import { fromHex, toHex } from '../../core/index.ts'

export type Vector = { readonly [field: string]: unknown }

export function isVector(value: unknown): value is Vector {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function text(vector: Vector, field: string): string {
  const value = vector[field]
  if (typeof value !== 'string') throw new Error(`field ${field} is missing or not text`)
  return value
}

export function optionalText(vector: Vector, field: string): string | undefined {
  return vector[field] === undefined ? undefined : text(vector, field)
}

export function integer(vector: Vector, field: string): number {
  const value = vector[field]
  if (!Number.isSafeInteger(value)) throw new Error(`field ${field} is missing or not an integer`)
  return value as number
}

export function bytes(vector: Vector, field: string): Uint8Array {
  try {
    return fromHex(text(vector, field))
  } catch {
    throw new Error(`field ${field} is missing or not hex`)
  }
}

export function optionalBytes(vector: Vector, field: string): Uint8Array | undefined {
  return vector[field] === undefined ? undefined : bytes(vector, field)
}

export function object(vector: Vector, field: string): Vector {
  const value = vector[field]
  if (!isVector(value)) throw new Error(`field ${field} is missing or not an object`)
  return value
}

export function list(vector: Vector, field: string): readonly Vector[] {
  const value = vector[field]
  if (!Array.isArray(value) || !value.every(isVector))
    throw new Error(`field ${field} is not a list of objects`)
  return value
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

export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what} is ${String(actual)}, not ${String(expected)}`)
}
