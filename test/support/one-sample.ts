/** Whether a sample can come from a given distribution, and whether its draws can be independent. */
import { kolmogorovTail } from './two-sample.ts'

/** The chance of a sample at least as far from uniform(min, max) when that is what it was drawn from (Kolmogorov). */
export function uniformRangeP(sample: readonly number[], min: number, max: number): number {
  const sorted = sample.toSorted((a, b) => a - b)
  const distances = sorted.map((value, i) => {
    const cumulative = Math.min(1, Math.max(0, (value - min) / (max - min)))
    return Math.max(cumulative - i / sorted.length, (i + 1) / sorted.length - cumulative)
  })
  const root = Math.sqrt(sorted.length)
  return kolmogorovTail((root + 0.12 + 0.11 / root) * Math.max(...distances))
}

/** Pearson's correlation times the root of the sample size: about normal(0, 1) when the two are independent. */
export function correlationZ(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length
  const [meanA, meanB] = [mean(a), mean(b)]
  let [ab, aa, bb] = [0, 0, 0]
  a.forEach((x, i) => {
    const [dx, dy] = [x - meanA, (b[i] as number) - meanB]
    ab += dx * dy
    aa += dx * dx
    bb += dy * dy
  })
  return (ab / Math.sqrt(aa * bb)) * Math.sqrt(a.length)
}
