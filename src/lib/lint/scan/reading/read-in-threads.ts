/** Shares the files of a large project among threads. */
import { Worker } from 'node:worker_threads'
import type { ReadResult } from '../../readers/index.ts'
import type { ReadTask } from './read-files.ts'

/**
 * @param jobs threads, at least 1
 * @returns the results in the order of the tasks
 */
export async function readInThreads(
  root: string,
  tasks: readonly ReadTask[],
  jobs: number,
): Promise<readonly ReadResult[]> {
  const results = new Array<ReadResult>(tasks.length)
  const shares = Array.from({ length: Math.min(jobs, tasks.length) }, (_, share) =>
    tasks.map((_, i) => i).filter((i) => i % jobs === share),
  )
  await Promise.all(
    shares.map((share) =>
      readShare(
        root,
        share.map((i) => tasks[i] as ReadTask),
        (result, at) => {
          results[share[at] as number] = result
        },
      ),
    ),
  )
  return results
}

function readShare(
  root: string,
  tasks: readonly ReadTask[],
  onResult: (result: ReadResult, at: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let done = 0
    // The ending is that of the file this runs from: compiled or not.
    const file = new URL(`read-worker${import.meta.url.slice(-3)}`, import.meta.url)
    const worker = new Worker(file, { workerData: { root, tasks } })
    worker.on('message', (result: ReadResult) => {
      onResult(result, done)
      done += 1
    })
    worker.on('error', reject)
    worker.on('exit', () => {
      if (done === tasks.length) resolve()
      else reject(new Error(`a thread ended after ${done} of ${tasks.length} files`))
    })
  })
}
