/** Compiles `src` to `dist` and removes outputs whose source is gone, so that no dead command is found there. */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** @returns the compiler's exit code; it writes outputs even when types are wrong */
export function build(): number {
  const compiler = `${root}node_modules/typescript/bin/tsc`
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
  })
  for (const output of globSync('dist/**/*.{js,d.ts}', { cwd: root })) {
    const source = output.replace(/^dist/, 'src').replace(/(\.d\.ts|\.js)$/, '')
    if (!existsSync(`${root}${source}.ts`) && !existsSync(`${root}${source}.tsx`)) rmSync(`${root}${output}`)
  }
  return status ?? 1
}

if (import.meta.main) process.exitCode = build()
