/** How much memory the reading of a capture takes: in a process of its own, which does nothing else. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AivError } from '../../../core/index.ts'
import { MEGABYTE } from '../constants.ts'
import type { Measurement } from '../measurement.ts'
import type { CaptureContent, MadeCapture } from './capture.ts'

/** What the process answers. */
export interface MemoryReport {
  /** Resident when everything is loaded and nothing has been read, and at the largest. */
  readonly beforeBytes: number
  readonly peakBytes: number
}

/** Its arguments. */
export type MemoryTask = CaptureContent & { readonly path: string }

/** Runs from the sources (Node strips types) as well as compiled; the suffix of this module says which. */
const READER = new URL(
  import.meta.url.endsWith('.ts') ? './memory-process.ts' : './memory-process.js',
  import.meta.url,
)

export const readingMemory: Measurement = {
  name: 'fingerprint.memory',
  unit: 'MB',
  processes: 1,
  quote: 'p50',
  once: true,
  async start({ capture, signal }) {
    return async () => {
      const made = capture()
      const { beforeBytes, peakBytes } = await readElsewhere(made, signal)
      return {
        values: [(peakBytes - beforeBytes) / MEGABYTE],
        bytes: made.bytes.length,
        fields: { beforeMB: beforeBytes / MEGABYTE, peakMB: peakBytes / MEGABYTE },
      }
    }
  },
}

async function readElsewhere({ bytes, ...content }: MadeCapture, signal: AbortSignal): Promise<MemoryReport> {
  const folder = await mkdtemp(join(tmpdir(), 'aiv-bench-'))
  try {
    const task: MemoryTask = { ...content, path: join(folder, 'capture.pcap') }
    await writeFile(task.path, bytes, { signal })
    return await ask(task, signal)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function ask(task: MemoryTask, signal: AbortSignal): Promise<MemoryReport> {
  const child = fork(fileURLToPath(READER), [JSON.stringify(task)], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    killSignal: 'SIGKILL',
    signal,
  })
  let report: MemoryReport | undefined
  child.on('message', (answer: MemoryReport) => {
    report = answer
  })
  const [code] = await once(child, 'exit')
  if (report === undefined)
    throw new AivError('E_INTERNAL', `the process that reads ended with exit code ${code}`)
  return report
}
