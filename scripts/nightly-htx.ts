/**
 * The long version of what `npm test` does with HTX sessions: simulated sessions over faulty links, continued services
 * over links that are cut, and hostile inputs, from a range of seeds. A failure is printed with its seed, run again to see
 * that it repeats, and ends the script with exit code 1.
 *
 *     node scripts/nightly-htx.ts                                  10,000 simulations, 1,000,000 inputs a target
 *     node scripts/nightly-htx.ts --simulations 0:500 --inputs 0:0 --cuts 0
 *     node scripts/nightly-htx.ts --target hello --simulations 0:0 --inputs 5000:6000
 *
 * A run of the target `session` gives a session a dozen inputs, so its seeds are a twelfth of the range.
 */
import { parseArgs } from 'node:util'
import { runThroughCutsFor } from '../test/support/continuity-minute.ts'
import { simulateContinuity } from '../test/support/continuity-simulation.ts'
import { FUZZ_TARGETS } from '../test/support/session-fuzz.ts'
import { simulate } from '../test/support/session-simulation.ts'

const SIMULATIONS = '0:10000'
const INPUTS = '0:1000000'
/** How long real links are cut every second. */
const CUTS_SECONDS = '60'
/** Failures of one job after which it is given up. */
const FAILURES_MOST = 20
const PROGRESS_MS = 30_000

interface Job {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly run: (seed: number) => unknown
}

function range(text: string): { readonly from: number; readonly to: number } {
  const [, from, to] = /^(\d+):(\d+)$/.exec(text) ?? []
  if (from === undefined || to === undefined) {
    process.stderr.write(`error: ${text} is not a seed range. Give it as FROM:TO, the end not included.\n`)
    process.exit(2)
  }
  return { from: Number(from), to: Number(to) }
}

function failureOf(job: Job, seed: number): string | undefined {
  try {
    job.run(seed)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** @returns seeds that failed */
function runJob(job: Job): number[] {
  const started = performance.now()
  let said = started
  const failed: number[] = []
  let seed = job.from
  for (; seed < job.to && failed.length < FAILURES_MOST; seed++) {
    const failure = failureOf(job, seed)
    if (failure !== undefined) {
      failed.push(seed)
      const again = failureOf(job, seed) === failure ? 'fails again' : 'DOES NOT REPEAT'
      process.stdout.write(`FAILED ${job.name} seed ${seed} (${again}): ${failure}\n`)
    }
    if (performance.now() - said > PROGRESS_MS) {
      said = performance.now()
      process.stdout.write(`${job.name}: seed ${seed} of ${job.from}..${job.to}\n`)
    }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${job.name}: ${seed - job.from} seeds, ${failed.length} failed, ${seconds} s\n`)
  return failed
}

const { values } = parseArgs({
  options: {
    simulations: { type: 'string', default: SIMULATIONS },
    inputs: { type: 'string', default: INPUTS },
    cuts: { type: 'string', default: CUTS_SECONDS },
    target: { type: 'string', multiple: true, default: Object.keys(FUZZ_TARGETS) },
  },
})
const jobs: Job[] = [
  { name: 'simulation', ...range(values.simulations), run: simulate },
  { name: 'continuity', ...range(values.simulations), run: simulateContinuity },
]
for (const name of values.target) {
  const target = FUZZ_TARGETS[name]
  if (target === undefined) {
    process.stderr.write(`error: no target ${name}. There are ${Object.keys(FUZZ_TARGETS).join(', ')}.\n`)
    process.exit(2)
  }
  const { from, to } = range(values.inputs)
  const seeds = { from: Math.floor(from / target.inputs), to: Math.ceil(to / target.inputs) }
  jobs.push({ name: `fuzz ${name}`, ...seeds, run: target.run })
}
const failures = jobs.flatMap(runJob)
process.exitCode = failures.length > 0 ? 1 : 0
if (Number(values.cuts) > 0) {
  const { bulkBytes, lines, cuts } = await runThroughCutsFor(Number(values.cuts))
  process.stdout.write(`cuts: ${cuts} links reset, ${bulkBytes} bytes and ${lines} lines came back\n`)
}
