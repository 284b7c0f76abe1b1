/** Runs measurements in turns, so that what disturbs the machine disturbs all of them alike. */
import { availableParallelism, cpus, loadavg } from 'node:os'
import { AivError, isAivError } from '../../core/index.ts'
import { MAX_FRAME_DEFAULT } from '../constants.ts'
import {
  BENCH_ADMISSION,
  BENCH_MAX_SESSIONS,
  CHUNK_BYTES,
  DURATION_MS,
  HANDSHAKES_LEAST,
  IDLE_SESSIONS,
  LONG_SESSION_BYTES,
  RUNS,
  SETTLE_MS,
  WARM_UP_BYTES,
} from './constants.ts'
import {
  type BenchResult,
  type BenchSettings,
  type Measurement,
  type Ratio,
  ratioOf,
  resultOf,
  type Sample,
  type TakeSample,
  Workers,
} from './measurement.ts'
import { rounded } from './statistics.ts'

export const DEFAULT_SETTINGS: BenchSettings = {
  runs: RUNS,
  durationMs: DURATION_MS,
  warmUpBytes: WARM_UP_BYTES,
  idleSessions: IDLE_SESSIONS,
  settleMs: SETTLE_MS,
  longSessionBytes: LONG_SESSION_BYTES,
  handshakesLeast: HANDSHAKES_LEAST,
}

export interface RunOptions {
  readonly measurements: readonly Measurement[]
  /** Those whose two parts were measured become results. */
  readonly ratios: readonly Ratio[]
  readonly settings: BenchSettings
  readonly signal: AbortSignal
  /** Called before each run of each measurement. */
  readonly onRun?: (name: string, done: number) => void
}

/** The whole answer of a benchmark. */
export interface BenchReport {
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** Load average of the last minute when the benchmark began and when it ended. */
  readonly load: number
  readonly loadAfter: number
  /** Application bytes of one write, and the largest frame. */
  readonly chunkBytes: number
  readonly frameBytes: number
  readonly warmUpBytes: number
  /** Limits of the measured listeners that differ from the product's. */
  readonly limits: object
  readonly results: readonly BenchResult[]
  /** What could not be measured here, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
}

interface Started {
  readonly measurement: Measurement
  readonly take: TakeSample
  readonly samples: Sample[]
}

/** @throws AivError what a measurement throws; `E_ABORTED`, then every process is gone */
export async function runBench(options: RunOptions): Promise<BenchReport> {
  const { settings, ratios, signal } = options
  const workers = new Workers()
  const onAbort = (): void => workers.kill()
  signal.addEventListener('abort', onAbort, { once: true })
  const load = oneMinuteLoad()
  try {
    signal.throwIfAborted()
    const { started, skipped } = await startAll(options, workers)
    await takeTurns(started, options)
    const results = started.map(({ measurement, samples }) => resultOf(measurement, samples))
    return {
      node: process.version,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      load,
      loadAfter: oneMinuteLoad(),
      chunkBytes: CHUNK_BYTES,
      frameBytes: MAX_FRAME_DEFAULT,
      warmUpBytes: settings.warmUpBytes,
      limits: { admission: BENCH_ADMISSION, maxSessions: BENCH_MAX_SESSIONS },
      results: [...results, ...ratioResults(ratios, results)],
      skipped,
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    signal.removeEventListener('abort', onAbort)
    await workers.stop()
  }
}

async function startAll(
  { measurements, settings }: RunOptions,
  workers: Workers,
): Promise<{ readonly started: Started[]; readonly skipped: BenchReport['skipped'] }> {
  const started: Started[] = []
  const skipped: { name: string; reason: string }[] = []
  for (const measurement of measurements) {
    try {
      started.push({ measurement, take: await measurement.start(workers, settings), samples: [] })
    } catch (error) {
      if (!isAivError(error, 'E_DEPENDENCY_MISSING')) throw error
      skipped.push({ name: measurement.name, reason: error.message })
    }
  }
  return { started, skipped }
}

/** Runs of all measurements together, when none is skipped. */
export function countTurns(measurements: readonly Measurement[], runs: number): number {
  return measurements.reduce((sum, { once }) => sum + (once === true ? 1 : runs), 0)
}

/** Every second round goes backwards: a drift of the machine then favours nobody. */
async function takeTurns(
  started: readonly Started[],
  { settings, signal, onRun }: RunOptions,
): Promise<void> {
  const turns = Array.from({ length: settings.runs }, (_, round) => {
    const due = started.filter(({ measurement }) => round === 0 || measurement.once !== true)
    return round % 2 === 0 ? due : due.reverse()
  }).flat()
  for (const [done, { measurement, take, samples }] of turns.entries()) {
    signal.throwIfAborted()
    onRun?.(measurement.name, done)
    try {
      samples.push(await take())
    } catch (error) {
      if (!isAivError(error)) throw error
      throw new AivError(error.code, `${measurement.name}: ${error.message}`, { cause: error })
    }
  }
}

function ratioResults(ratios: readonly Ratio[], results: readonly BenchResult[]): BenchResult[] {
  const find = (name: string): BenchResult | undefined => results.find((result) => result.name === name)
  return ratios.flatMap((ratio) => {
    const of = find(ratio.of)
    const over = find(ratio.over)
    return of === undefined || over === undefined ? [] : [ratioOf(ratio, of, over)]
  })
}

function oneMinuteLoad(): number {
  return rounded(loadavg()[0] ?? 0)
}
