/** The HTX vectors, which lie outside the repository: tests skip, and say why, where they are not. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER =
  process.env.AIV_CONFORMANCE_DIR ?? fileURLToPath(new URL('../../../shared/conformance', import.meta.url))

/** The vectors of one file such as `sessions.json`; undefined, with a printed reason, without the folder. */
export function htxVectors<T>(file: string): readonly T[] | undefined {
  const path = `${FOLDER}/htx/${file}`
  if (!existsSync(path)) {
    process.stdout.write(`skipped: no HTX vectors at ${path}; set AIV_CONFORMANCE_DIR\n`)
    return undefined
  }
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly vectors: readonly T[] }).vectors
}
