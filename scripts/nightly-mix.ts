/**
 * The long version of what `npm test` does with the mixnet, from a range of seeds. A failure is printed with its seed, run
 * again to see that it repeats, and ends the script with exit code 1; so does an input that takes too long, or memory
 * that grows.
 *
 *     node scripts/nightly-mix.ts                                    1,000,000 inputs a target
 *     node scripts/nightly-mix.ts --target replay --inputs 5000:6000
 *
 * A run of most targets gives many inputs, so their seeds are a part of the range.
 */
import { parseArgs } from 'node:util'
import { MIX_NIGHTLY_TARGETS } from '../test/support/mix-nightly/targets.ts'
import { fuzzJobs, runSeedJobs } from './seed-jobs.ts'

const INPUTS = '0:1000000'
const CPU_MS = 60_000
const RESIDENT_BYTES = 1_073_741_824

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: INPUTS },
    target: { type: 'string', multiple: true, default: Object.keys(MIX_NIGHTLY_TARGETS) },
  },
})
const jobs = fuzzJobs(MIX_NIGHTLY_TARGETS, values.target, values.inputs)
const failures = await runSeedJobs(
  jobs.map((job) => ({ ...job, cpuMs: CPU_MS, residentBytes: RESIDENT_BYTES })),
)
process.exitCode = failures.length > 0 ? 1 : 0
