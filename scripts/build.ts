/**
 * Compiles `src` to `dist` and its kernels to WebAssembly, and removes outputs whose source is gone, so that no dead command is
 * found there.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildKernels, hasKernels } from './kernels.ts'
import { writeSchemaValidators } from './schema-validators.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Without this output something was deleted by hand, which the compiler's own record does not know. */
const ENTRY = `${root}dist/lib/cli/main.js`

/** What the last build was made from. */
const STAMP = `${root}node_modules/.cache/aivillage/build-stamp`

/** @returns the compiler's exit code; it writes outputs even when types are wrong */
export function build(): number {
  // Before the compiler reads: a source that changes meanwhile makes the build stale, not fresh.
  const stamp = sourceStamp()
  if (!existsSync(ENTRY)) rmSync(`${root}dist/build.tsbuildinfo`, { force: true })
  const compiler = `${root}node_modules/typescript/bin/tsc`
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  for (const output of globSync('dist/**/*.{js,d.ts,json}', { cwd: root })) {
    if (output.startsWith('dist/schemas')) continue
    const source = output.replace(/^dist/, 'src').replace(/(\.d\.ts|\.js)$/, '')
    if (!['', '.ts', '.tsx'].some((ending) => existsSync(`${root}${source}${ending}`)))
      rmSync(`${root}${output}`)
  }
  writeSchemaValidators()
  const kernels = buildKernels(root)
  if (kernels !== 0) return kernels
  mkdirSync(dirname(STAMP), { recursive: true })
  writeFileSync(STAMP, stamp)
  return status ?? 1
}

/** True when `dist` is not what the compiler makes of the present sources. */
export function isStale(): boolean {
  if (!existsSync(ENTRY) || !existsSync(STAMP) || !hasKernels(root)) return true
  return readFileSync(STAMP, 'utf8') !== sourceStamp()
}

function sourceStamp(): string {
  const sources = globSync('src/**/*.{ts,tsx,json}', { cwd: root }).sort()
  return sources.map((path) => `${path} ${statSync(`${root}${path}`).mtimeMs}\n`).join('')
}

if (import.meta.main) process.exitCode = build()
