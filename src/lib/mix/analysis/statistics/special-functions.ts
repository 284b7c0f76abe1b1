/** Special functions that p-values need. NIST Digital Library of Mathematical Functions, chapters 5, 7 and 8. */

/** Terms of a series or of a continued fraction before it is given up; all that is asked here converges long before. */
const TERMS_MOST = 2_000
const PRECISION = 1e-15

/** ln Γ(z) for z > 0: Stirling's series after the argument is moved up (DLMF 5.11.1). */
export function logGamma(z: number): number {
  let x = z
  let shift = 0
  while (x < 15) shift += Math.log(x++)
  const inverse = 1 / (x * x)
  const correction = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / x
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + correction - shift
}

/** The regularised upper incomplete gamma function Q(a, x) (DLMF 8.7.1 and 8.9.2), a > 0. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < TERMS_MOST && term > sum * PRECISION; n++) {
      term *= x / (a + n)
      sum += term
    }
    return Math.max(0, 1 - front * sum)
  }
  return front * gammaFraction(a, x)
}

/** Lentz's evaluation of the continued fraction. */
function gammaFraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1e300
  let d = 1 / b
  let value = d
  for (let n = 1; n < TERMS_MOST; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / nonZero(numerator * d + b)
    c = nonZero(b + numerator / c)
    value *= c * d
    if (Math.abs(c * d - 1) < PRECISION) break
  }
  return value
}

/** The regularised incomplete beta function I_x(a, b) (DLMF 8.17.22), a > 0, b > 0, 0 <= x <= 1. */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x)
  const logFront = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)
  return (Math.exp(logFront) / a) * betaFraction(a, b, x)
}

function betaFraction(a: number, b: number, x: number): number {
  let c = 1
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1))
  let value = d
  for (let m = 1; m < TERMS_MOST; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / nonZero(1 + even * d)
    c = nonZero(1 + even / c)
    value *= c * d
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / nonZero(1 + odd * d)
    c = nonZero(1 + odd / c)
    value *= c * d
    if (Math.abs(c * d - 1) < PRECISION) break
  }
  return value
}

function nonZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value
}

/** Chance that a standard normal variable is at least as far from 0 as `z`: erfc(|z|/√2) = Q(1/2, z²/2). */
export function normalTwoSided(z: number): number {
  return upperGamma(0.5, (z * z) / 2)
}

/** Chance that Student's t with `df` degrees of freedom is at least as far from 0 as `t`. */
export function studentTwoSided(t: number, df: number): number {
  if (!Number.isFinite(t)) return 0
  return incompleteBeta(df / 2, 0.5, df / (df + t * t))
}

/** Chance that Kolmogorov's limit exceeds `x`: two series, each where it converges at once (DLMF 20.7.32). */
export function kolmogorovTail(x: number): number {
  if (x <= 0) return 1
  let sum = 0
  if (x < 1) {
    for (let k = 1; k <= 20; k++) sum += Math.exp(-(((2 * k - 1) * Math.PI) ** 2) / (8 * x * x))
    return Math.max(0, 1 - (Math.sqrt(2 * Math.PI) / x) * sum)
  }
  for (let k = 1; k <= 20; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x)
  return Math.min(1, Math.max(0, sum))
}
