/** Compiles the WebAssembly kernels: each folder of `src/wasm` with a `kernel.ts` becomes `dist/wasm/<folder>.wasm`. */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'

/** Below it the kernels lay out their memory themselves (`layout.ts`): the compiler's constants come after. */
const MEMORY_BASE = 0x3000

/** No allocator and no assertions: kernels allocate nothing, and their callers check lengths. */
const OPTIONS = [
  ...['-O3', '--converge', '--enable', 'simd'],
  ...['--runtime', 'stub', '--noAssert', '--memoryBase', String(MEMORY_BASE)],
]

/** Compiles what is older than its sources, and removes kernels whose sources are gone. @returns the compiler's exit code */
export function buildKernels(root: string): number {
  const kernels = globSync('src/wasm/*/kernel.ts', { cwd: root })
  const names = kernels.map((kernel) => basename(dirname(kernel)))
  for (const output of globSync('dist/wasm/*.wasm', { cwd: root }))
    if (!names.includes(basename(output, '.wasm'))) rmSync(`${root}${output}`)
  mkdirSync(`${root}dist/wasm`, { recursive: true })
  for (const [i, kernel] of kernels.entries()) {
    const output = kernelFile(names[i] as string)
    if (!isOlder(root, output, dirname(kernel))) continue
    const arguments_ = [
      `${root}node_modules/assemblyscript/bin/asc.js`,
      kernel,
      '--outFile',
      output,
      ...OPTIONS,
    ]
    const { status } = spawnSync(process.execPath, arguments_, {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    if (status !== 0) return status ?? 1
  }
  return 0
}

/** True when every kernel has been compiled, whatever its age. */
export function hasKernels(root: string): boolean {
  const kernels = globSync('src/wasm/*/kernel.ts', { cwd: root })
  return kernels.every((kernel) => existsSync(`${root}${kernelFile(basename(dirname(kernel)))}`))
}

function kernelFile(name: string): string {
  return `dist/wasm/${name}.wasm`
}

function isOlder(root: string, output: string, folder: string): boolean {
  if (!existsSync(`${root}${output}`)) return true
  const made = statSync(`${root}${output}`).mtimeMs
  // The options stand in this file.
  const sources = [...globSync(`${folder}/**/*.ts`, { cwd: root }), 'scripts/kernels.ts']
  return sources.some((source) => statSync(`${root}${source}`).mtimeMs >= made)
}
