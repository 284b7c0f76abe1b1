/**
 * Bills of materials of the same projects by this tool, cdxgen and `npm sbom`, in turns: what each one found, counted
 * from its own document by the same code, and how long the whole process took.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { measure, type Sample } from './measure.ts'
import { readmeTable, table } from './table.ts'
import { TOOLS } from './tools.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const README = join(root, 'README.md')

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    'write-readme': { type: 'boolean', default: false },
  },
})
const runs = Number(flags.runs)
if (!Number.isInteger(runs) || runs < 1 || runs > 100) fail('--runs is a count of 1 to 100.')

const corpus = join(
  process.env.AIV_CONFORMANCE_DIR ?? join(root, '..', 'shared', 'conformance'),
  'lint/lockfiles/real',
)
const projects = positionals.length > 0 ? positionals : projectsIn(corpus)

const scratch = mkdtempSync(join(tmpdir(), 'aiv-compare-'))
try {
  const before = loadavg()[0]
  const samples: Sample[] = []
  for (const project of projects) {
    // A copy that may be written to: some tools leave files behind, and none gets to see another's.
    const folder = join(scratch, basename(project))
    cpSync(project, folder, { recursive: true })
    samples.push(...measure(basename(project), folder, TOOLS, runs))
  }
  const machine = `Node ${process.versions.node}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}, load ${before?.toFixed(1)} before and ${loadavg()[0]?.toFixed(1)} after, medians of ${runs} runs`
  if (flags.json) process.stdout.write(`${JSON.stringify({ bench: 'sbom-compare', machine, samples })}\n`)
  else process.stdout.write(`${table(samples)}\n${machine}\n`)
  if (flags['write-readme'])
    writeFileSync(README, readmeTable(readFileSync(README, 'utf8'), samples, machine))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

function projectsIn(folder: string): readonly string[] {
  if (!existsSync(folder)) fail(`there is no ${folder}. Name the folders of projects to compare.`)
  return readdirSync(folder)
    .sort()
    .map((name) => join(folder, name))
}

function fail(message: string): never {
  process.stderr.write(`error: ${message}\n`)
  process.exit(2)
}
