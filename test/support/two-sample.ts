/** Whether two samples can come from one distribution. */

export interface TwoSample {
  /** Largest distance between the two empirical distributions, 0..1: the size of the effect. */
  readonly distance: number
  /** Chance of such a distance when both are the same (Kolmogorov's limit with Stephens' correction). */
  readonly p: number
}

/** The test of Kolmogorov and Smirnov. Ties are taken as they are, which makes it slower to complain, not quicker. */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): TwoSample {
  const [left, right] = [a, b].map((sample) => sample.toSorted((x, y) => x - y)) as [number[], number[]]
  let distance = 0
  let i = 0
  let j = 0
  while (i < left.length && j < right.length) {
    const at = Math.min(left[i] as number, right[j] as number)
    while (i < left.length && (left[i] as number) <= at) i++
    while (j < right.length && (right[j] as number) <= at) j++
    distance = Math.max(distance, Math.abs(i / left.length - j / right.length))
  }
  const root = Math.sqrt((left.length * right.length) / (left.length + right.length))
  return { distance, p: kolmogorovTail((root + 0.12 + 0.11 / root) * distance) }
}

/** 2 * sum of (-1)^(k-1) exp(-2 k^2 x^2). */
export function kolmogorovTail(x: number): number {
  if (x < 0.2) return 1
  let sum = 0
  for (let k = 1; k <= 100; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * x * x)
  return Math.min(1, Math.max(0, sum))
}

/** Which of several p-values are still below `alpha` after Holm's correction for their number. */
export function rejectedByHolm(ps: readonly number[], alpha: number): boolean[] {
  const order = ps.map((p, index) => ({ p, index })).toSorted((x, y) => x.p - y.p)
  const rejected = ps.map(() => false)
  for (const [rank, { p, index }] of order.entries()) {
    if (p > alpha / (ps.length - rank)) break
    rejected[index] = true
  }
  return rejected
}
