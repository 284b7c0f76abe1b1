/** The thread that watches a run over seeds: when nothing moves for too long, it names the seed and ends the process. */
import { writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'

const { shared, hangMs } = workerData as { readonly shared: BigInt64Array; readonly hangMs: number }

/** How often it looks, milliseconds. */
const LOOK_MS = 200

let job = ''
let beats = 0n
let since = performance.now()

parentPort?.on('message', (name: string) => {
  job = name
  since = performance.now()
})
setInterval(() => {
  const now = Atomics.load(shared, 0)
  if (now !== beats) {
    beats = now
    since = performance.now()
  } else if (performance.now() - since > hangMs) {
    writeSync(1, `FAILED ${job} seed ${Atomics.load(shared, 1)}: it hangs\n`)
    process.kill(process.pid, 'SIGKILL')
  }
}, LOOK_MS)
parentPort?.postMessage('ready')
