/** What a measurement is, and how its samples become a result. */
import { median, percentiles, rounded } from './statistics.ts'
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

/** What one run of a measurement gave. */
export interface Sample {
  /** One rate, or many times. */
  readonly values: readonly number[]
  /** Bytes that were checked at the receiver. */
  readonly bytes?: number
  /** Other numbers of the run; the result has their medians. */
  readonly fields?: Readonly<Record<string, number>>
  readonly notes?: Readonly<Record<string, string>>
}

/** A measurement whose processes are up. */
export type TakeSample = () => Promise<Sample>

export type Unit = 'MB/s' | '/s' | 'ms' | 'MB' | 'ratio'

export interface Measurement {
  readonly name: string
  readonly unit: Unit
  readonly link: 'tcp' | 'ws' | 'quic' | 'memory'
  /** Worker processes that take part. */
  readonly processes: 1 | 2
  /** Which percentile of the samples is the number to quote. */
  readonly quote: keyof ReturnType<typeof percentiles>
  /** Taken only when it is asked for by name. */
  readonly onlyByName?: true
  /** One run says it all. */
  readonly once?: true
  start(workers: Workers, settings: BenchSettings): Promise<TakeSample>
}

/** One measurement over another, run by run. */
export interface Ratio {
  readonly name: string
  readonly of: string
  readonly over: string
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

/** A result as `--json` prints it. */
export interface BenchResult {
  readonly name: string
  /** The number to quote: the median, for `ping.bulk` the 99th percentile. */
  readonly value: number
  readonly unit: Unit
  /** Percentiles of the samples, in ascending order. A rate has one sample per run. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  /** The largest rate or ratio, the smallest time. */
  readonly best: number
  readonly runs: number
  /** Worker processes that took part. */
  readonly processes: number
  /** Samples of all runs together. */
  readonly samples: number
  /** The median of each run, in order. */
  readonly perRun: readonly number[]
  /** Bytes of all runs, warm-up included, each of them checked at the receiver. */
  readonly bytes?: number
  readonly [field: string]: unknown
}

/** @param samples one per run, at least one */
export function resultOf(
  { name, unit, quote, processes }: Pick<Measurement, 'name' | 'unit' | 'quote' | 'processes'>,
  samples: readonly Sample[],
): BenchResult {
  const values = samples.flatMap((sample) => sample.values)
  const spread = percentiles(values)
  const bytes = samples.reduce((sum, sample) => sum + (sample.bytes ?? 0), 0)
  const isRate = unit === 'MB/s' || unit === '/s' || unit === 'ratio'
  return {
    name,
    value: spread[quote],
    unit,
    ...spread,
    best: rounded(isRate ? Math.max(...values) : Math.min(...values)),
    runs: samples.length,
    processes,
    samples: values.length,
    perRun: samples.map((sample) => rounded(median(sample.values))),
    ...(bytes === 0 ? {} : { bytes }),
    ...medianFields(samples),
    ...samples[0]?.notes,
  }
}

function medianFields(samples: readonly Sample[]): Record<string, number> {
  const names = Object.keys(samples[0]?.fields ?? {})
  return Object.fromEntries(
    names.map((name) => [name, rounded(median(samples.map(({ fields }) => fields?.[name] as number)))]),
  )
}

/** @param of and over: samples of the same runs, in order */
export function ratioOf({ name, of, over }: Ratio, ofRuns: BenchResult, overRuns: BenchResult): BenchResult {
  const values = ofRuns.perRun.map((value, run) => value / (overRuns.perRun[run] as number))
  const result = resultOf(
    { name, unit: 'ratio', quote: 'p50', processes: 2 },
    values.map((value) => ({ values: [value] })),
  )
  return {
    ...result,
    of,
    over,
    ratioOfBest: rounded(ofRuns.best / overRuns.best),
    ratioOfCpu: rounded(cpuPerByte(overRuns) / cpuPerByte(ofRuns)),
  }
}

/** CPU time of both processes; hardly moved by what else the machine does. */
function cpuPerByte({ senderCpuSecondsPerGB, receiverCpuSecondsPerGB }: BenchResult): number {
  return Number(senderCpuSecondsPerGB) + Number(receiverCpuSecondsPerGB)
}
