/** Pearson's test: whether counts can come from expected frequencies. */
import { logGamma, upperGamma } from './special-functions.ts'

export interface ChiSquare {
  readonly statistic: number
  readonly df: number
  /** Chance of counts at least as far from what is expected when it is true. */
  readonly p: number
}

/** Below this the limit distribution is a poor guide (Cochran's rule): such cells are joined with their neighbours. */
const EXPECTED_LEAST = 5

/**
 * @param constraints how many of the counts follow from the others: 1 when only their sum is fixed, 1 more for each
 * parameter that was estimated from them
 */
export function chiSquare(
  counts: readonly number[],
  expected: readonly number[],
  constraints = 1,
): ChiSquare {
  if (counts.length !== expected.length) throw new RangeError('as many counts as expectations')
  const cells = joinSmall(counts, expected)
  const df = cells.length - constraints
  if (df < 1) return { statistic: 0, df: 0, p: 1 }
  const statistic = cells.reduce((sum, [count, mean]) => sum + (count - mean) ** 2 / mean, 0)
  return { statistic, df, p: upperGamma(df / 2, statistic / 2) }
}

/** Neighbouring cells joined until each is large enough; what is left over at the end goes to the last. */
function joinSmall(counts: readonly number[], expected: readonly number[]): [number, number][] {
  const cells: [number, number][] = []
  let count = 0
  let mean = 0
  for (const [i, e] of expected.entries()) {
    count += counts[i] as number
    mean += e
    if (mean < EXPECTED_LEAST) continue
    cells.push([count, mean])
    count = 0
    mean = 0
  }
  const last = cells.at(-1)
  if (last === undefined) return mean > 0 ? [[count, mean]] : []
  last[0] += count
  last[1] += mean
  return cells
}

/** The Poisson probabilities of 0..most-1, and of `most` or more, for `mean` > 0. */
export function poissonProbabilities(mean: number, most: number): number[] {
  const exact = Array.from({ length: most }, (_, k) => Math.exp(k * Math.log(mean) - mean - logGamma(k + 1)))
  const rest = 1 - exact.reduce((sum, p) => sum + p, 0)
  return [...exact, Math.max(0, rest)]
}
