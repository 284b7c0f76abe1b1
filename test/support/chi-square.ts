/** Pearson's test: whether counts can come from the expected frequencies. */

/**
 * The chance of counts at least as far from `expected` when it is true.
 * @param constraints how many of the counts follow from the others; 1 when only their sum is fixed
 */
export function chiSquareP(counts: readonly number[], expected: readonly number[], constraints = 1): number {
  const statistic = counts.reduce((sum, count, index) => {
    const e = expected[index] as number
    return sum + (count - e) ** 2 / e
  }, 0)
  return upperGamma((counts.length - constraints) / 2, statistic / 2)
}

/** All as likely as each other. */
export function uniformP(counts: readonly number[]): number {
  const each = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return chiSquareP(
    counts,
    counts.map(() => each),
  )
}

/** The regularised upper incomplete gamma function Q(a, x), by its series or its continued fraction (DLMF 8.7, 8.9). */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let [term, sum] = [1 / a, 1 / a]
    for (let n = 1; n < 1_000 && term > sum * 1e-15; n++) {
      term *= x / (a + n)
      sum += term
    }
    return 1 - front * sum
  }
  let fraction = 0
  for (let n = 500; n >= 1; n--) fraction = (n * (n - a)) / (x + 2 * n + 1 - a - fraction)
  return front / (x + 1 - a - fraction)
}

/** Stirling's series, after shifting the argument up (DLMF 5.11.1). */
function logGamma(z: number): number {
  let [x, shift] = [z, 0]
  while (x < 12) shift += Math.log(x++)
  const correction = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5)
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + correction - shift
}
