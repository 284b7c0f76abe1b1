import { readFileSync } from 'node:fs'
import { conformancePath } from '../support/conformance.ts'

/** The vectors of a file of the htx folder; undefined where the folder is not there. */
export function recordedVectors<T>(file: string): readonly T[] | undefined {
  const path = conformancePath('htx', file)
  if (path === undefined) return undefined
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly vectors: readonly T[] }).vectors
}
