/** The folder of third-party vectors and captures, which tests read in place. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from './aiv.ts'

const FOLDER = process.env.AIV_CONFORMANCE_DIR ?? join(REPOSITORY, '..', 'shared', 'conformance')

/** A path inside the folder; undefined, with a printed reason, where the folder is not there. */
export function conformancePath(...parts: readonly string[]): string | undefined {
  if (existsSync(FOLDER)) return join(FOLDER, ...parts)
  process.stdout.write(`skipped: no conformance files at ${FOLDER}; set AIV_CONFORMANCE_DIR\n`)
  return undefined
}
