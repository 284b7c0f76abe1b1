/** Where the published vectors lie, if they lie anywhere: they are not part of the repository. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root =
  process.env.AIV_CONFORMANCE_DIR ?? fileURLToPath(new URL('../../../shared/conformance', import.meta.url))

/** True when the vectors of `area` are there; otherwise it says once on stderr why the tests skip. */
export function hasConformance(area: string): boolean {
  const isThere = existsSync(`${root}/${area}`)
  if (!isThere) process.stderr.write(`skipped: no ${area} vectors; set AIV_CONFORMANCE_DIR to their folder\n`)
  return isThere
}

/** Text of one file, such as `htx/sessions.json`. */
export function readConformance(path: string): string {
  return readFileSync(`${root}/${path}`, 'utf8')
}
