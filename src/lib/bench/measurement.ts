/** What every benchmark measures in the same way, and how its samples become a result. */
import { median, type Percentiles, percentiles, rounded } from './statistics.ts'

/** Rates are per second; 1 MB is 10^6 bytes. */
export type Unit = 'ms' | 's' | 'MB' | 'ratio' | `${string}/s`

export interface MeasurementInfo {
  readonly name: string
  readonly unit: Unit
  /** Processes that do the work. */
  readonly processes: number
  /** Which percentile of the samples is the number to quote. */
  readonly quote: keyof Percentiles
  /** Taken only when it is asked for by name. */
  readonly onlyByName?: true
  /** One run says it all. */
  readonly once?: true
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

/** One run of a measurement that is ready. */
export type TakeSample = () => Promise<Sample>

/** A result as `--json` prints it. */
export interface BenchResult {
  readonly name: string
  /** The number to quote: the percentile that the measurement names. */
  readonly value: number
  readonly unit: Unit
  /** Percentiles of the samples, in ascending order. A rate has one sample per run. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  /** The largest rate or ratio, the smallest time or weight. */
  readonly best: number
  readonly runs: number
  readonly processes: number
  /** Samples of all runs together. */
  readonly samples: number
  /** The median of each run, in order. */
  readonly perRun: readonly number[]
  /** Bytes of all runs, warm-up included, each of them checked. */
  readonly bytes?: number
  readonly [field: string]: unknown
}

/** @param samples one per run, at least one */
export function resultOf(
  { name, unit, quote, processes }: Pick<MeasurementInfo, 'name' | 'unit' | 'quote' | 'processes'>,
  samples: readonly Sample[],
): BenchResult {
  const values = samples.flatMap((sample) => sample.values)
  const spread = percentiles(values)
  const bytes = samples.reduce((sum, sample) => sum + (sample.bytes ?? 0), 0)
  const isMoreBetter = unit === 'ratio' || unit.endsWith('/s')
  return {
    name,
    value: spread[quote],
    unit,
    ...spread,
    best: rounded(isMoreBetter ? Math.max(...values) : Math.min(...values)),
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
