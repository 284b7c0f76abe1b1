/** What `aiv mix delay audit` reads: a directory, what mixes revealed, and the loops of a sender. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatLoop } from '../../src/lib/mix/delay/index.ts'
import { directoryJson } from '../../src/lib/mix/directory/index.ts'
import { type AuditedRun, type RunOptions, runDelayingMixes } from './delaying-mix.ts'

/** The documents are `reveal-0.bin`, `reveal-1.bin` and so on, in the order of the directory. */
export async function prepareDelayAudit(
  { folder }: { readonly folder: string },
  options: RunOptions = {},
): Promise<AuditedRun> {
  const run = await runDelayingMixes(options)
  writeFileSync(join(folder, 'directory.json'), directoryJson(run.directory))
  for (const [i, reveal] of run.reveals.entries())
    if (reveal !== undefined) writeFileSync(join(folder, `reveal-${i}.bin`), reveal)
  writeFileSync(join(folder, 'loops.jsonl'), `${run.loops.map(formatLoop).join('\n')}\n`)
  return run
}
