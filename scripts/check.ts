/** `npm run check`: everything that must hold before a commit, apart from the tests. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { build } from './build.ts'
import { deadExports } from './check-dead-exports.ts'
import { houseRuleProblems } from './check-house-rules.ts'
import { layeringProblems } from './check-layering.ts'
import { staleManifest } from './manifest.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Check {
  readonly name: string
  /** Lines that say what is wrong; none when all is well. */
  readonly run: () => Promise<readonly string[]>
}

const CHECKS: readonly Check[] = [
  { name: 'types', run: async () => program('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']) },
  {
    name: 'lint and format',
    run: async () => program('node_modules/@biomejs/biome/bin/biome', ['ci', '--colors=off', '.']),
  },
  { name: 'layering', run: async () => layeringProblems(root) },
  { name: 'dead exports', run: async () => deadExports(root) },
  { name: 'house rules', run: async () => houseRuleProblems(root) },
  { name: 'manifest', run: checkManifest },
]

async function checkManifest(): Promise<readonly string[]> {
  if (build() !== 0) return ['the build failed']
  const problem = await staleManifest(root)
  return problem === undefined ? [] : [problem]
}

function program(script: string, args: readonly string[]): readonly string[] {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${root}${script}`, ...args], {
    cwd: root,
    encoding: 'utf8',
  })
  return status === 0 ? [] : [`${stdout}${stderr}`.trim() || `${script} ended with ${status}`]
}

for (const { name, run } of CHECKS) {
  const problems = await run()
  process.stdout.write(`${problems.length === 0 ? 'ok    ' : 'FAILED'}  ${name}\n`)
  for (const problem of problems) process.stdout.write(`  ${problem.replaceAll('\n', '\n  ')}\n`)
  if (problems.length > 0) process.exitCode = 1
}
