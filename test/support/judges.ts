/**
 * Packages of `test/judges`: programs that tests read as inputs or ask for a verdict. They have a lockfile of their
 * own, so that they are no part of the product; `npm ci` in that folder installs them.
 */
import { chmodSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from './aiv.ts'

const FOLDER = process.env.AIV_JUDGES_DIR ?? join(REPOSITORY, 'test', 'judges', 'node_modules')

/** The folder of an installed package, or undefined, with a line that says so. */
export function judgePackage(name: string): string | undefined {
  const folder = join(FOLDER, name)
  if (existsSync(join(folder, 'package.json'))) return folder
  process.stdout.write(`skipped: no ${name} in test/judges; run npm ci there\n`)
  return undefined
}

/** A program in a package, made executable: its install script, which would do that, is not run. */
export function judgeProgram(name: string, path: string): string | undefined {
  const folder = judgePackage(name)
  if (folder === undefined) return undefined
  const program = join(folder, path)
  chmodSync(program, 0o755)
  return program
}
