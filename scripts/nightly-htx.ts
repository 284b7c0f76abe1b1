/**
 * The long version of what `npm test` does with HTX: simulated sessions over faulty links, continued services over links
 * that are cut, fallbacks, and hostile inputs, from a range of seeds. A failure is printed with its seed, run again to see
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
import { simulateFallback } from '../test/support/fallback-simulation.ts'
import { FUZZ_TARGETS } from '../test/support/session-fuzz.ts'
import { simulate } from '../test/support/session-simulation.ts'
import { fuzzJobs, runSeedJobs, seedRange } from './seed-jobs.ts'

const SIMULATIONS = '0:10000'
const INPUTS = '0:1000000'
/** How long real links are cut every second. */
const CUTS_SECONDS = '60'
const { values } = parseArgs({
  options: {
    simulations: { type: 'string', default: SIMULATIONS },
    inputs: { type: 'string', default: INPUTS },
    cuts: { type: 'string', default: CUTS_SECONDS },
    target: { type: 'string', multiple: true, default: Object.keys(FUZZ_TARGETS) },
  },
})
const failures = await runSeedJobs([
  { name: 'simulation', ...seedRange(values.simulations), run: simulate },
  { name: 'continuity', ...seedRange(values.simulations), run: simulateContinuity },
  { name: 'fallback', ...seedRange(values.simulations), run: simulateFallback },
  ...fuzzJobs(FUZZ_TARGETS, values.target, values.inputs),
])
process.exitCode = failures.length > 0 ? 1 : 0
if (Number(values.cuts) > 0) {
  const { bulkBytes, lines, cuts } = await runThroughCutsFor(Number(values.cuts))
  process.stdout.write(`cuts: ${cuts} links reset, ${bulkBytes} bytes and ${lines} lines came back\n`)
}
