/**
 * Runs what takes a seed over a range of seeds, for nightly scripts. A failure is printed with its seed and run again
 * to see that it repeats. A seed that hangs cannot be stopped from within: a second thread watches, names it and ends
 * the process.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Failures of one job after which it is given up. */
const FAILURES_MOST = 20
const PROGRESS_MS = 30_000
/** A seed without an end after so long hangs. */
const HANG_MS = 300_000

export interface SeedJob {
  readonly name: string
  readonly from: number
  /** Not included. */
  readonly to: number
  /** @throws Error, or rejects, when something does not hold */
  readonly run: (seed: number) => unknown
  /** Most processor time of one seed, milliseconds. It does not depend on what else the machine does. */
  readonly cpuMs?: number
  /** Most memory of the process, bytes; looked at now and then. */
  readonly residentBytes?: number
}

export interface FuzzTarget {
  readonly run: (seed: number) => unknown
  /** Hostile inputs in one run. */
  readonly inputs: number
}

/** Ends the process with exit code 2 when `text` is not `FROM:TO`. */
export function seedRange(text: string): { readonly from: number; readonly to: number } {
  const [, from, to] = /^(\d+):(\d+)$/.exec(text) ?? []
  if (from === undefined || to === undefined)
    return refuse(`${text} is not a seed range. Give it as FROM:TO, the end not included.`)
  return { from: Number(from), to: Number(to) }
}

/** A job for each of these targets that gives it a range of inputs: with several inputs a seed, fewer seeds. */
export function fuzzJobs(
  targets: Readonly<Record<string, FuzzTarget>>,
  names: readonly string[],
  inputs: string,
): SeedJob[] {
  const { from, to } = seedRange(inputs)
  return names.map((name) => {
    const target = targets[name] ?? refuse(`no target ${name}. There are ${Object.keys(targets).join(', ')}.`)
    return {
      name: `fuzz ${name}`,
      from: Math.floor(from / target.inputs),
      to: Math.ceil(to / target.inputs),
      run: target.run,
    }
  })
}

function refuse(what: string): never {
  process.stderr.write(`error: ${what}\n`)
  process.exit(2)
}

/**
 * @param hangMs how long one seed may take before the process is ended
 * @returns seeds that failed
 */
export async function runSeedJobs(jobs: readonly SeedJob[], hangMs = HANG_MS): Promise<number[]> {
  const failed: number[] = []
  const watch = new HangWatch(hangMs)
  await watch.isReady()
  for (const job of jobs) failed.push(...(await runJob(job, watch)))
  await watch.end()
  return failed
}

async function runJob(job: SeedJob, watch: HangWatch): Promise<readonly number[]> {
  const started = performance.now()
  let said = started
  const failed: number[] = []
  watch.begin(job.name)
  let seed = job.from
  for (; seed < job.to && failed.length < FAILURES_MOST; seed++) {
    watch.beat(seed)
    const failure = await failureOf(job, seed)
    if (failure !== undefined) {
      failed.push(seed)
      const again = (await failureOf(job, seed)) === failure ? 'fails again' : 'DOES NOT REPEAT'
      process.stdout.write(`FAILED ${job.name} seed ${seed} (${again}): ${failure}\n`)
    }
    if (performance.now() - said < PROGRESS_MS) continue
    said = performance.now()
    const { rss } = process.memoryUsage()
    process.stdout.write(
      `${job.name}: seed ${seed} of ${job.from}..${job.to}, ${Math.round(rss / 1_048_576)} MiB\n`,
    )
    if (rss < (job.residentBytes ?? Number.POSITIVE_INFINITY)) continue
    process.stdout.write(`FAILED ${job.name} at seed ${seed}: the memory grows, ${rss} bytes\n`)
    failed.push(seed)
    break
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(`${job.name}: ${seed - job.from} seeds, ${failed.length} failed, ${seconds} s\n`)
  return failed
}

async function failureOf({ run, cpuMs }: SeedJob, seed: number): Promise<string | undefined> {
  const before = process.cpuUsage()
  try {
    const running = run(seed)
    if (running instanceof Promise) await running
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  if (cpuMs === undefined) return undefined
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 > cpuMs ? `more than ${cpuMs} ms of processor time` : undefined
}

/** Cells of the memory that both threads see. */
const BEATS = 0
const SEED = 1

class HangWatch {
  readonly #shared = new BigInt64Array(new SharedArrayBuffer(16))
  readonly #worker: Worker

  constructor(hangMs: number) {
    const workerData = { shared: this.#shared, hangMs }
    this.#worker = new Worker(new URL('./hang-watch.ts', import.meta.url), { workerData })
  }

  /** A seed that hangs before the other thread runs would never be noticed. */
  async isReady(): Promise<void> {
    await once(this.#worker, 'message')
  }

  begin(job: string): void {
    this.#worker.postMessage(job)
  }

  beat(seed: number): void {
    Atomics.store(this.#shared, SEED, BigInt(seed))
    Atomics.add(this.#shared, BEATS, 1n)
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
