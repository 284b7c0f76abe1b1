/** What the suites of other formats read vectors with, beside what all vector files of this area need. */
import { runVectorChecks, type VectorCheck, type VectorFile, type VectorSuite } from '../../../core/index.ts'
import { expectBytes as expectSame, hex, isVector, list, type Vector } from '../../vectors/fields.ts'

export { bytes, text, type Vector, vectors } from '../../vectors/fields.ts'

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

export function vector(value: unknown): Vector {
  if (!isVector(value)) throw new Error('not an object')
  return value
}

export function has(of: Vector, field: string): boolean {
  return Object.hasOwn(of, field)
}

/** A list of texts in hex. */
export function bytesList(of: Vector, field: string): readonly Uint8Array[] {
  return list(of, field).map((value, i) => hex(value, `${field}[${i}]`))
}

export function object(of: Vector, field: string): Vector {
  const value = has(of, field) ? of[field] : undefined
  if (!isVector(value)) throw new Error(`field ${field} is missing or not an object`)
  return value
}

/**
 * @param actual undefined where the code under test refused
 * @throws Error naming what differs and where
 */
export function expectBytes(what: string, actual: Uint8Array | undefined, expected: Uint8Array): void {
  if (actual === undefined) throw new Error(`${what} is refused`)
  expectSame(what, actual, expected)
}

export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what} is ${String(actual)}, not ${String(expected)}`)
}
