/** Shares documents among threads. */
import { Worker } from 'node:worker_threads'
import type { DocumentTarget } from './find-targets.ts'
import type { JudgedDocument } from './judge-document.ts'

/**
 * @param jobs threads, at least 1
 * @returns in the order of the targets
 */
export async function judgeInThreads(
  targets: readonly DocumentTarget[],
  rules: ReadonlySet<string>,
  nowMs: number,
  jobs: number,
): Promise<readonly JudgedDocument[]> {
  const threads = Math.min(jobs, targets.length)
  const shares = Array.from({ length: threads }, (_, share) =>
    targets.filter((_, index) => index % threads === share),
  )
  const judged = await Promise.all(shares.map((share) => judgeShare({ targets: share, rules, nowMs })))
  return targets.map((_, index) => judged[index % threads]?.[Math.floor(index / threads)] as JudgedDocument)
}

export interface Share {
  readonly targets: readonly DocumentTarget[]
  readonly rules: ReadonlySet<string>
  readonly nowMs: number
}

function judgeShare(share: Share): Promise<readonly JudgedDocument[]> {
  return new Promise((resolve, reject) => {
    // The ending is that of the file this runs from: compiled or not.
    const file = new URL(`judge-worker${import.meta.url.slice(-3)}`, import.meta.url)
    const worker = new Worker(file, { workerData: share })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', () => reject(new Error('a thread ended without an answer')))
  })
}
