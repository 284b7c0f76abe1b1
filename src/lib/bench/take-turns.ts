/** Runs measurements in turns, so that what disturbs the machine disturbs all of them alike. */
import { availableParallelism, cpus, loadavg } from 'node:os'
import { AivError, isAivError } from '../core/index.ts'
import {
  type BenchResult,
  type MeasurementInfo,
  resultOf,
  type Sample,
  type TakeSample,
} from './measurement.ts'
import { rounded } from './statistics.ts'

export interface TurnOptions<M extends MeasurementInfo> {
  readonly measurements: readonly M[]
  /** How often each is measured. */
  readonly runs: number
  /** Makes a measurement ready; `E_DEPENDENCY_MISSING` skips it. */
  readonly start: (measurement: M) => Promise<TakeSample>
  readonly signal: AbortSignal
  /** Called before each run of each measurement. */
  readonly onRun?: (name: string, done: number) => void
}

/** The whole answer of a benchmark; an area adds what else decides its numbers. */
export interface BenchReport {
  readonly node: string
  readonly cpu: string
  readonly cores: number
  /** Load average of the last minute when the benchmark began and when it ended. */
  readonly load: number
  readonly loadAfter: number
  readonly results: readonly BenchResult[]
  /** What could not be measured here, and why. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
}

interface Started<M> {
  readonly measurement: M
  readonly take: TakeSample
  readonly samples: Sample[]
}

/** @throws AivError what a measurement throws, with its name; the signal's reason */
export async function takeTurns<M extends MeasurementInfo>(options: TurnOptions<M>): Promise<BenchReport> {
  const load = oneMinuteLoad()
  options.signal.throwIfAborted()
  const { started, skipped } = await startAll(options)
  await runAll(started, options)
  return {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    load,
    loadAfter: oneMinuteLoad(),
    results: started.map(({ measurement, samples }) => resultOf(measurement, samples)),
    skipped,
  }
}

/** Runs of all measurements together, when none is skipped. */
export function countTurns(measurements: readonly MeasurementInfo[], runs: number): number {
  return measurements.reduce((sum, { once }) => sum + (once === true ? 1 : runs), 0)
}

async function startAll<M extends MeasurementInfo>({
  measurements,
  start,
}: TurnOptions<M>): Promise<{ readonly started: Started<M>[]; readonly skipped: BenchReport['skipped'] }> {
  const started: Started<M>[] = []
  const skipped: { name: string; reason: string }[] = []
  for (const measurement of measurements) {
    try {
      started.push({ measurement, take: await start(measurement), samples: [] })
    } catch (error) {
      if (!isAivError(error, 'E_DEPENDENCY_MISSING')) throw error
      skipped.push({ name: measurement.name, reason: error.message })
    }
  }
  return { started, skipped }
}

/** Every second round goes backwards: a drift of the machine then favours nobody. */
async function runAll<M extends MeasurementInfo>(
  started: readonly Started<M>[],
  { runs, signal, onRun }: TurnOptions<M>,
): Promise<void> {
  const turns = Array.from({ length: runs }, (_, round) => {
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

function oneMinuteLoad(): number {
  return rounded(loadavg()[0] ?? 0)
}
