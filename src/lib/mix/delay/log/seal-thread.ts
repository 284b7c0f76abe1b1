/** Sorts a delay log and computes its root beside the main thread, which has packets to send. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { AivError } from '../../../core/index.ts'
import { DelayLog, type DelayLogSummary, MOST_DELAY_LOG_LEAVES } from './delay-log.ts'
import { LeafFile } from './leaf-store.ts'

interface SealTask {
  /** Of the lines; nothing writes to it any more. */
  readonly file: string
  /** File for the sorted lines, written anew. */
  readonly out: string
}

/**
 * Seals the log whose lines are in a file.
 * @throws AivError `E_IO` when the disk fails
 */
export async function sealInThread(task: SealTask): Promise<DelayLogSummary> {
  return await new Promise((resolve, reject) => {
    const fail = (cause?: unknown): void =>
      reject(new AivError('E_IO', 'the log of delays cannot be put in order', { cause }))
    const worker = new Worker(new URL(import.meta.url), { workerData: { seal: task } })
    worker.once('message', resolve)
    worker.once('error', fail)
    worker.once('exit', () => fail())
  })
}

function seal({ file, out }: SealTask): DelayLogSummary {
  const store = new LeafFile(file)
  const log = new DelayLog(store, MOST_DELAY_LOG_LEAVES)
  const summary = log.seal()
  const descriptor = openSync(out, 'w', 0o600)
  for (const leaves of log.leaves())
    for (let at = 0; at < leaves.length; ) at += writeSync(descriptor, leaves, at)
  closeSync(descriptor)
  store.close()
  return summary
}

if (!isMainThread && isSealData(workerData)) parentPort?.postMessage(seal(workerData.seal))

/** This module may be loaded in threads that have other work. */
function isSealData(data: unknown): data is { readonly seal: SealTask } {
  return typeof data === 'object' && data !== null && Object.hasOwn(data, 'seal')
}
