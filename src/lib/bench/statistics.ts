/** Percentiles of samples. */

/**
 * The nearest-rank percentile: the smallest sample that at least `percent` of 100 samples do not exceed.
 * @param samples at least one
 * @param percent 0 < percent <= 100
 */
export function percentile(samples: readonly number[], percent: number): number {
  if (samples.length === 0) throw new RangeError('no samples')
  const sorted = samples.toSorted((a, b) => a - b)
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] as number
}

/**
 * The middle sample, or the mean of the two in the middle.
 * @param samples at least one
 */
export function median(samples: readonly number[]): number {
  if (samples.length === 0) throw new RangeError('no samples')
  const sorted = samples.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] as number
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] as number
  return (upper + lower) / 2
}

/** Four significant digits: more would be noise. */
export function rounded(value: number): number {
  return Number(value.toPrecision(4))
}

export interface Percentiles {
  readonly p50: number
  readonly p95: number
  readonly p99: number
}

/** @param samples at least one */
export function percentiles(samples: readonly number[]): Percentiles {
  return {
    p50: rounded(median(samples)),
    p95: rounded(percentile(samples, 95)),
    p99: rounded(percentile(samples, 99)),
  }
}
