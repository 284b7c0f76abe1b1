/** Reads vector files: JSON whose fields are checked one by one; what is wrong fails its vector with its name. */
import {
  fromHex,
  runVectorChecks,
  toHex,
  type VectorCheck,
  type VectorFile,
  type VectorSuite,
} from '../../../core/index.ts'

export type Vector = { readonly [field: string]: unknown }

/** A suite over JSON files; one that is not JSON, or none of its vectors, is one failure. */
export function jsonSuite(
  name: string,
  checksOf: (document: unknown) => readonly VectorCheck[] | Promise<readonly VectorCheck[]>,
): VectorSuite {
  return {
    name,
    async run({ path, content }: VectorFile) {
      let checks: readonly VectorCheck[]
      try {
        checks = await checksOf(JSON.parse(content))
        if (checks.length === 0) throw new Error('no vectors in the file')
      } catch (error) {
        checks = [failing('file', error)]
      }
      return await runVectorChecks(name, path, checks)
    },
  }
}

function failing(id: string, error: unknown): VectorCheck {
  return {
    id,
    run: () => {
      throw error
    },
  }
}

export function isVector(value: unknown): value is Vector {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function vector(value: unknown): Vector {
  if (!isVector(value)) throw new Error('not an object')
  return value
}

function own(of: Vector, field: string): unknown {
  return Object.hasOwn(of, field) ? of[field] : undefined
}

export function has(of: Vector, field: string): boolean {
  return own(of, field) !== undefined
}

export function text(of: Vector, field: string): string {
  const value = own(of, field)
  if (typeof value !== 'string') throw new Error(`field ${field} is missing or not text`)
  return value
}

export function bytes(of: Vector, field: string): Uint8Array {
  try {
    return fromHex(text(of, field))
  } catch {
    throw new Error(`field ${field} is missing or not hex`)
  }
}

/** A list of texts in hex. */
export function bytesList(of: Vector, field: string): readonly Uint8Array[] {
  const value = own(of, field)
  if (!Array.isArray(value)) throw new Error(`field ${field} is not a list`)
  return value.map((_, i) => bytes({ [`${field}[${i}]`]: value[i] as unknown }, `${field}[${i}]`))
}

export function object(of: Vector, field: string): Vector {
  const value = own(of, field)
  if (!isVector(value)) throw new Error(`field ${field} is missing or not an object`)
  return value
}

export function list(of: Vector, field: string): readonly Vector[] {
  const value = own(of, field)
  if (!Array.isArray(value) || !value.every(isVector))
    throw new Error(`field ${field} is not a list of objects`)
  return value
}

/** @throws Error naming what differs and where */
export function expectBytes(what: string, actual: Uint8Array | undefined, expected: Uint8Array): void {
  if (actual === undefined) throw new Error(`${what} is refused`)
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
