/** Welch's t-test: whether two samples with different spread have one mean. */
import { studentTwoSided } from './special-functions.ts'

export interface Welch {
  readonly t: number
  /** Degrees of freedom after Welch and Satterthwaite. */
  readonly df: number
  readonly p: number
}

/**
 * @param a at least two numbers
 * @param b at least two numbers
 */
export function welch(a: readonly number[] | Float64Array, b: readonly number[] | Float64Array): Welch {
  const [left, right] = [moments(a), moments(b)]
  const [shareA, shareB] = [left.variance / left.count, right.variance / right.count]
  const spread = shareA + shareB
  if (spread === 0) {
    const same = left.mean === right.mean
    return { t: same ? 0 : Number.POSITIVE_INFINITY, df: left.count + right.count - 2, p: same ? 1 : 0 }
  }
  const t = (left.mean - right.mean) / Math.sqrt(spread)
  const df = spread ** 2 / (shareA ** 2 / (left.count - 1) + shareB ** 2 / (right.count - 1))
  return { t, df, p: studentTwoSided(t, df) }
}

export interface Moments {
  readonly count: number
  readonly mean: number
  /** Unbiased. */
  readonly variance: number
}

/** @param values at least two numbers */
export function moments(values: readonly number[] | Float64Array): Moments {
  const count = values.length
  if (count < 2) throw new RangeError('at least two samples')
  let mean = 0
  for (const value of values) mean += value / count
  let sum = 0
  for (const value of values) sum += (value - mean) ** 2
  return { count, mean, variance: sum / (count - 1) }
}
