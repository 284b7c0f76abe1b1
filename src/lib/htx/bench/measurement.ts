/** What a measurement of HTX is. */
import type { MeasurementInfo, TakeSample } from '../../bench/index.ts'
import { WORKER_URL, WorkerProcess } from './worker/worker-process.ts'

export interface BenchSettings {
  readonly runs: number
  /** Measured time of one bulk run, milliseconds. */
  readonly durationMs: number
  /** Measured bytes of one bulk run; takes the place of the time. */
  readonly bytes?: number
  /** Bytes of each run that come before the clock starts. */
  readonly warmUpBytes: number
  /** Sessions of `sessions1000`. */
  readonly idleSessions: number
  /** Memory is read this long after the last change, milliseconds. */
  readonly settleMs: number
  /** What `rss.10GiB` moves, bytes. */
  readonly longSessionBytes: number
  readonly handshakesLeast: number
}

export interface Measurement extends MeasurementInfo {
  readonly link: 'tcp' | 'ws' | 'quic' | 'https' | 'memory'
  /** Worker processes that take part. */
  readonly processes: 1 | 2
  /** @returns what takes one run, when the processes are up */
  start(workers: Workers, settings: BenchSettings): Promise<TakeSample>
}

/** Starts worker processes and ends them all. */
export class Workers {
  readonly #all: WorkerProcess[] = []

  start(entry: URL = WORKER_URL): WorkerProcess {
    const worker = new WorkerProcess(entry)
    this.#all.push(worker)
    return worker
  }

  async stop(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.stop()))
  }

  kill(): void {
    for (const worker of this.#all) worker.kill()
  }
}
