/** A thread that inserts the same tags as its siblings, as fast as it can, and reports which of them it was given. */
import { parentPort, workerData } from 'node:worker_threads'
import { ReplayFilter, type SharedReplayFilter } from '../../../src/lib/mix/replay/index.ts'
import { tagOf } from './tags.ts'

interface Task {
  readonly filter: SharedReplayFilter
  readonly worker: number
  readonly tags: Uint8Array
  /** Counts the threads that are ready. */
  readonly gate: SharedArrayBuffer
}

const { filter: shared, worker, tags, gate } = workerData as Task
const filter = ReplayFilter.attach(shared, worker)
const ready = new Int32Array(gate)
Atomics.add(ready, 0, 1)
while (Atomics.load(ready, 0) < shared.options.workers!) Atomics.wait(ready, 0, Atomics.load(ready, 0), 1)
const won: number[] = []
for (let i = 0; i < tags.length / 32; i++) if (filter.insert(tagOf(tags, i)) === 'new') won.push(i)
parentPort?.postMessage(won)
