/** What `aiv mix delay audit` reads: a directory, what a mix revealed, and the packets of a sender. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatSample } from '../../src/lib/mix/delay/index.ts'
import { directoryJson } from '../../src/lib/mix/directory/index.ts'
import { type AuditedRun, type RunOptions, runDelayingMix } from './delaying-mix.ts'

export async function prepareDelayAudit(
  { folder }: { readonly folder: string },
  options: RunOptions = {},
): Promise<AuditedRun> {
  const run = await runDelayingMix(options)
  writeFileSync(join(folder, 'directory.json'), directoryJson(run.directory))
  writeFileSync(join(folder, 'reveal.bin'), run.reveal)
  writeFileSync(join(folder, 'samples.jsonl'), `${run.samples.map(formatSample).join('\n')}\n`)
  return run
}
