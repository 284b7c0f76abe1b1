/** How each tool is asked for a bill of materials of a folder, offline and without running package managers. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Call {
  readonly program: string
  readonly args: readonly string[]
  readonly cwd: string
  /** Where the document is; undefined when it is on stdout. */
  readonly file?: string
}

export interface SbomTool {
  readonly name: string
  /** Undefined where the tool cannot read what the folder holds. */
  call(folder: string, output: string): Call | undefined
}

const here = fileURLToPath(new URL('.', import.meta.url))

export const TOOLS: readonly SbomTool[] = [
  {
    name: 'aiv',
    call: (folder, output) => ({
      program: process.execPath,
      args: [join(here, '../../bin/run.js'), 'lint', 'sbom', folder, '--output', `cdx-json=${output}`],
      cwd: folder,
      file: output,
    }),
  },
  {
    name: 'cdxgen',
    // The absolute path matters: a relative one is taken for the name of a model on the network.
    call: (folder, output) => ({
      program: process.execPath,
      args: [
        join(here, 'node_modules/@cyclonedx/cdxgen/bin/cdxgen.js'),
        '--no-install-deps',
        '--output',
        output,
        folder,
      ],
      cwd: folder,
      file: output,
    }),
  },
  {
    name: 'npm sbom',
    call: (folder) =>
      existsSync(join(folder, 'package-lock.json'))
        ? {
            program: 'npm',
            args: ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx', '--offline'],
            cwd: folder,
          }
        : undefined,
  },
]
