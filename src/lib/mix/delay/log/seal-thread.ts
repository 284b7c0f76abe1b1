/** Sorts a delay log and computes its root beside the main thread, which has packets to send. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { AivError } from '../../../core/index.ts'
import { DelayLog, type DelayLogSummary, MOST_DELAY_LOG_LEAVES } from './delay-log.ts'
import { FileBuckets } from './leaf-buckets.ts'

interface SealTask {
  /** Of the buckets; nothing writes to them any more. */
  readonly folder: string
  /** File for the sorted lines, written anew. */
  readonly out: string
}

/**
 * Seals the log whose buckets are in a folder.
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

function seal({ folder, out }: SealTask): DelayLogSummary {
  const buckets = new FileBuckets(folder)
  const log = new DelayLog(buckets, MOST_DELAY_LOG_LEAVES)
  const summary = log.seal()
  const descriptor = openSync(out, 'w', 0o600)
  for (const leaves of log.leaves())
    for (let at = 0; at < leaves.length; ) at += writeSync(descriptor, leaves, at)
  closeSync(descriptor)
  buckets.close()
  return summary
}

if (!isMainThread && isSealData(workerData)) parentPort?.postMessage(seal(workerData.seal))

/** This module may be loaded in threads that have other work. */
function isSealData(data: unknown): data is { readonly seal: SealTask } {
  return typeof data === 'object' && data !== null && Object.hasOwn(data, 'seal')
}
