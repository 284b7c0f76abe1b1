/** Builds `dist` before the tests when a source is newer than it, because some tests run the real executable. */
import { globSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from '../../scripts/build.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export default function buildOnce(): void {
  // Wrong types are the business of `npm run check`; the compiler writes its outputs all the same.
  if (newest('src/**/*.ts') > newest('dist/**/*.{js,tsbuildinfo}')) build()
}

function newest(pattern: string): number {
  return Math.max(0, ...globSync(pattern, { cwd: root }).map((path) => statSync(root + path).mtimeMs))
}
