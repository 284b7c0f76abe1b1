/** A trace for the examples of `aiv mix analyze`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { traceLines } from '../../src/lib/mix/analysis/index.ts'
import { SIM_DEFAULTS, simulate } from '../../src/lib/mix/sim/index.ts'
import type { Workplace } from './shell.ts'

export function prepareTrace({ folder }: Workplace): undefined {
  const lines = traceLines(simulate({ ...SIM_DEFAULTS, durationMs: 4_000 }))
  writeFileSync(join(folder, 'trace.jsonl'), `${[...lines].join('\n')}\n`)
}
