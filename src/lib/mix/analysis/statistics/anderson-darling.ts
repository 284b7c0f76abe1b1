/**
 * Anderson and Darling's test against a distribution that is wholly known. It looks harder at the tails than that of
 * Kolmogorov and Smirnov: a delay that is cut off shows there. P-values after Marsaglia and Marsaglia, "Evaluating the
 * Anderson-Darling Distribution", Journal of Statistical Software 9(2), 2004: the limit and its error for finite samples.
 */

export interface AndersonDarling {
  readonly statistic: number
  /** Chance of a statistic at least as large when the distribution is right. */
  readonly p: number
}

/** Keeps the logarithms finite where a sample lies beyond what 53 bits can tell from certainty. */
const TINIEST = 1e-300

/**
 * @param cumulative the distribution function
 * @param survival 1 minus it, given apart so that the upper tail keeps its precision
 */
export function andersonDarling(
  sample: readonly number[] | Float64Array,
  cumulative: (x: number) => number,
  survival: (x: number) => number,
): AndersonDarling {
  const sorted = Float64Array.from(sample).sort()
  const n = sorted.length
  if (n === 0) throw new RangeError('no samples')
  let sum = 0
  for (let i = 0; i < n; i++) {
    const lower = Math.log(Math.max(TINIEST, cumulative(sorted[i] as number)))
    const upper = Math.log(Math.max(TINIEST, survival(sorted[n - 1 - i] as number)))
    sum += (2 * i + 1) * (lower + upper)
  }
  const statistic = -n - sum / n
  return { statistic, p: andersonDarlingTail(statistic, n) }
}

/** Chance of a statistic above `z` for a sample of `n`; `Infinity` is the limit. */
export function andersonDarlingTail(z: number, n: number): number {
  const limit = limitCumulative(z)
  const cumulative = limit + (Number.isFinite(n) ? finiteError(n, limit) : 0)
  return Math.min(1, Math.max(0, 1 - cumulative))
}

const NEAR = [2.00012, 0.247105, 0.0649821, 0.0347962, 0.011672, 0.00168691] as const
const FAR = [1.0776, 2.30695, 0.43424, 0.082433, 0.008056, 0.0003146] as const

/** Alternating polynomial c0 ± c1 z ∓ c2 z² …, as both approximations of the paper are written. */
function alternating(coefficients: readonly number[], z: number): number {
  return coefficients.reduceRight((inner, coefficient) => coefficient - z * inner, 0)
}

function limitCumulative(z: number): number {
  if (z <= 0) return 0
  if (z < 2) {
    const [first, ...rest] = NEAR
    return (Math.exp(-1.2337141 / z) / Math.sqrt(z)) * (first + z * alternating(rest, z))
  }
  return Math.exp(-Math.exp(alternating(FAR, z)))
}

function finiteError(n: number, x: number): number {
  const edge = 0.01265 + 0.1757 / n
  if (x > 0.8) {
    const inner = -130.2137 + (745.2337 - (1705.091 - (1950.646 - (1116.36 - 255.7844 * x) * x) * x) * x) * x
    return inner / n
  }
  if (x < edge) {
    const t = x / edge
    const shape = Math.sqrt(t) * (1 - t) * (49 * t - 102)
    return (shape * (0.0037 / n ** 2 + 0.00078 / n + 0.00006)) / n
  }
  const t = (x - edge) / (0.8 - edge)
  const shape = -0.00022633 + (6.54034 - (14.6538 - (14.458 - (8.259 - 1.91864 * t) * t) * t) * t) * t
  return (shape * (0.04213 + 0.01365 / n)) / n
}
