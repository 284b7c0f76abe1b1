/** Tests of order: whether what comes later depends on what came before. */
import { normalTwoSided, studentTwoSided } from './special-functions.ts'

export interface RankCorrelation {
  /** Spearman's rho, -1..1. */
  readonly rho: number
  readonly p: number
}

/**
 * Spearman's rank correlation, ties at their mean rank; p by Student's t with n - 2 degrees of freedom.
 * @param a at least three numbers
 * @param b as many
 */
export function spearman(
  a: readonly number[] | Float64Array,
  b: readonly number[] | Float64Array,
): RankCorrelation {
  if (a.length !== b.length || a.length < 3) throw new RangeError('two samples of one length, at least 3')
  const rho = pearson(ranks(a), ranks(b))
  const df = a.length - 2
  return { rho, p: studentTwoSided(rho * Math.sqrt(df / Math.max(0, 1 - rho * rho)), df) }
}

/** Pearson's correlation; 0 when one of them does not vary, for then it tells nothing. */
export function pearson(a: readonly number[] | Float64Array, b: readonly number[] | Float64Array): number {
  const n = a.length
  let [meanA, meanB] = [0, 0]
  for (let i = 0; i < n; i++) {
    meanA += (a[i] as number) / n
    meanB += (b[i] as number) / n
  }
  let [ab, aa, bb] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [x, y] = [(a[i] as number) - meanA, (b[i] as number) - meanB]
    ab += x * y
    aa += x * x
    bb += y * y
  }
  return aa === 0 || bb === 0 ? 0 : ab / Math.sqrt(aa * bb)
}

/** Ranks from 1; equal values share the mean of theirs. */
export function ranks(values: readonly number[] | Float64Array): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i)
  order.sort((i, j) => (values[i] as number) - (values[j] as number))
  const result = new Float64Array(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    const value = values[order[from] as number]
    while (to < order.length && values[order[to] as number] === value) to++
    for (let k = from; k < to; k++) result[order[k] as number] = (from + 1 + to) / 2
    from = to
  }
  return result
}

export interface RunsTest {
  readonly runs: number
  readonly expected: number
  readonly z: number
  readonly p: number
}

/** Wald and Wolfowitz's runs above and below the median; values that equal it are left out. Too few runs: z < 0. */
export function runsTest(values: readonly number[] | Float64Array): RunsTest {
  const sorted = Float64Array.from(values).sort()
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0
  const middle = (upper + lower) / 2
  let [above, below, runs, last] = [0, 0, 0, 0]
  for (const value of values) {
    const side = Math.sign(value - middle)
    if (side === 0) continue
    if (side > 0) above++
    else below++
    if (side !== last) runs++
    last = side
  }
  const n = above + below
  // What does not vary has no order.
  if (above === 0 || below === 0 || n < 3) return { runs, expected: runs, z: 0, p: 1 }
  const product = 2 * above * below
  const expected = product / n + 1
  const z = (runs - expected) / Math.sqrt((product * (product - n)) / (n * n * (n - 1)))
  return { runs, expected, z, p: normalTwoSided(z) }
}
