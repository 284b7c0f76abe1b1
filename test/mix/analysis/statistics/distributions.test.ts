import { describe, expect, it } from 'vitest'
import {
  andersonDarlingTail,
  binomialUpperTail,
  incompleteBeta,
  kolmogorovTail,
  logGamma,
  normalTwoSided,
  poissonProbabilities,
  studentTwoSided,
  upperGamma,
} from '../../../../src/lib/mix/analysis/statistics/index.ts'

describe('the special functions agree with published tables', () => {
  it.each([
    [0.5, 0.5723649429247001],
    [10, 12.801827480081469],
    [100.25, 360.2845596377643],
  ])('ln gamma(%f) is that of the C library', (z, expected) => {
    expect(logGamma(z)).toBeCloseTo(expected, 9)
  })

  // Upper critical values of chi-square, NIST/SEMATECH e-Handbook 1.3.6.7.4.
  it.each([
    [1, 3.841, 0.05],
    [1, 10.828, 0.001],
    [10, 18.307, 0.05],
    [10, 23.209, 0.01],
    [50, 67.505, 0.05],
    [100, 149.449, 0.001],
  ])('chi-square with %i degrees of freedom exceeds %f with chance %f', (df, x, p) => {
    expect(Math.abs(upperGamma(df / 2, x / 2) / p - 1)).toBeLessThan(1e-3)
  })

  // Critical values of Student's t, NIST/SEMATECH e-Handbook 1.3.6.7.2 (one-sided there).
  it.each([
    [1, 12.706, 0.05],
    [5, 4.032, 0.01],
    [10, 2.228, 0.05],
    [30, 2.75, 0.01],
    [100, 3.174, 0.002],
  ])('t with %i degrees of freedom is beyond %f with chance %f', (df, t, p) => {
    expect(Math.abs(studentTwoSided(t, df) / p - 1)).toBeLessThan(2e-3)
  })

  // erfc of the C library.
  it.each([
    [0.5, 0.6170750774519738],
    [3, 0.0026997960632601866],
    [6, 1.973175290075396e-9],
  ])('a normal variable is beyond %f with chance %f', (z, p) => {
    expect(Math.abs(normalTwoSided(z) / p - 1)).toBeLessThan(1e-9)
  })

  // scipy.special.kolmogorov, the example of its documentation; the rest are the usual critical values of Smirnov's table.
  it.each([
    [0.5, 0.96394524, 1e-7],
    [1, 0.26999967, 1e-7],
    [1.22385, 0.1, 1e-5],
    [1.3581, 0.05, 1e-5],
    [1.62762, 0.01, 1e-5],
  ])("Kolmogorov's limit exceeds %f with chance %f", (x, p, tolerance) => {
    expect(Math.abs(kolmogorovTail(x) - p)).toBeLessThan(tolerance)
  })

  it("Kolmogorov's two series meet", () => {
    expect(kolmogorovTail(1 - 1e-9)).toBeCloseTo(kolmogorovTail(1), 7)
  })

  // Percentage points of the limit: Stephens (JASA 69, 1974), table 1A, case 0.
  it.each([
    [1.933, 0.1],
    [2.492, 0.05],
    [3.07, 0.025],
    [3.857, 0.01],
  ])("Anderson and Darling's limit exceeds %f with chance %f", (z, p) => {
    expect(Math.abs(andersonDarlingTail(z, Number.POSITIVE_INFINITY) - p)).toBeLessThan(3e-4)
  })

  // Exact sums of fractions.
  it.each([
    [3, 20, 0.01, 0.0010035761681001169],
    [60, 100, 0.5, 0.028443966820490395],
    [1, 1000, 0.001, 0.6323045752290363],
  ])('%i or more of %i at %f', (k, n, p, chance) => {
    expect(Math.abs(binomialUpperTail(k, n, p) / chance - 1)).toBeLessThan(1e-9)
  })

  it('the binomial tail is whole at its ends', () => {
    expect(binomialUpperTail(0, 10, 0.3)).toBe(1)
    expect(binomialUpperTail(11, 10, 0.3)).toBe(0)
    expect(incompleteBeta(2, 3, 0)).toBe(0)
    expect(incompleteBeta(2, 3, 1)).toBe(1)
  })

  it('Poisson probabilities are those of the table and sum to one', () => {
    const chances = poissonProbabilities(2, 6)
    // CRC tables, mean 2.0.
    for (const [k, p] of [0.1353, 0.2707, 0.2707, 0.1804, 0.0902, 0.0361].entries())
      expect(chances[k]).toBeCloseTo(p, 4)
    expect(chances.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
  })
})
