/** The tests of Kolmogorov and Smirnov, with Stephens' correction for finite samples (J. Roy. Stat. Soc. B 32, 1970). */
import { kolmogorovTail } from './special-functions.ts'

export interface DistanceTest {
  /** Largest distance between the two distributions, 0..1: the size of the effect. */
  readonly distance: number
  /** Chance of such a distance when both are the same. */
  readonly p: number
}

/**
 * Whether `sample` can come from the continuous distribution `cumulative`.
 * @param sample at least one number; any order
 */
export function kolmogorovSmirnov(
  sample: readonly number[] | Float64Array,
  cumulative: (x: number) => number,
): DistanceTest {
  const sorted = Float64Array.from(sample).sort()
  const n = sorted.length
  if (n === 0) throw new RangeError('no samples')
  let distance = 0
  for (let i = 0; i < n; i++) {
    const value = cumulative(sorted[i] as number)
    distance = Math.max(distance, value - i / n, (i + 1) / n - value)
  }
  return { distance, p: tail(Math.sqrt(n), distance) }
}

/** Whether two samples can come from one distribution. Ties make it slower to complain, never quicker. */
export function kolmogorovSmirnovTwo(
  a: readonly number[] | Float64Array,
  b: readonly number[] | Float64Array,
): DistanceTest {
  if (a.length === 0 || b.length === 0) throw new RangeError('no samples')
  const left = Float64Array.from(a).sort()
  const right = Float64Array.from(b).sort()
  let distance = 0
  let i = 0
  let j = 0
  while (i < left.length && j < right.length) {
    const at = Math.min(left[i] as number, right[j] as number)
    while (i < left.length && (left[i] as number) <= at) i++
    while (j < right.length && (right[j] as number) <= at) j++
    distance = Math.max(distance, Math.abs(i / left.length - j / right.length))
  }
  return { distance, p: tail(Math.sqrt((a.length * b.length) / (a.length + b.length)), distance) }
}

function tail(root: number, distance: number): number {
  return kolmogorovTail((root + 0.12 + 0.11 / root) * distance)
}

/** The exponential distribution with this mean. */
export function exponentialCumulative(mean: number): (x: number) => number {
  return (x) => (x <= 0 ? 0 : -Math.expm1(-x / mean))
}
