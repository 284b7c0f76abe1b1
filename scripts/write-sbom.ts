/**
 * Writes the bills of materials of this package, in both families of formats, to where `npm pack` takes them from, and
 * holds them to our own rules: a package whose document is not sound is not packed.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What the package does not contain, and what makes it only, is no part of it. */
const SCOPE = ['--exclude=test', '--exclude=bench', '--omit=dev', '--supplier=Organization: aivillage']
const DOCUMENTS = ['sbom.spdx.json', 'sbom.cdx.json']

function aiv(...args: readonly string[]): void {
  const { status } = spawnSync(process.execPath, ['bin/run.js', 'lint', ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) process.exit(status ?? 3)
}

aiv('sbom', '.', ...SCOPE, `--output=spdx-json=${DOCUMENTS[0]}`, `--output=cdx-json=${DOCUMENTS[1]}`)
aiv(...DOCUMENTS)
