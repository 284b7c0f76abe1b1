import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import {
  andersonDarling,
  chiSquare,
  exponentialCumulative,
  kolmogorovSmirnov,
  kolmogorovSmirnovTwo,
  ranks,
  roc,
  runsTest,
  spearman,
  welch,
} from '../../../../src/lib/mix/analysis/statistics/index.ts'
import { chiSquareP } from '../../../support/chi-square.ts'
import { kolmogorovSmirnov as otherTwoSample } from '../../../support/two-sample.ts'

function uniforms(seed: number, count: number): number[] {
  const random = new SeededRandom(seed)
  return Array.from({ length: count }, () => (random.uint32() + 0.5) / 2 ** 32)
}

const identity = (x: number): number => Math.min(1, Math.max(0, x))
const rest = (x: number): number => 1 - identity(x)

describe('Welch', () => {
  it('finds what R prints for its sleep data', () => {
    const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2]
    const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    const { t, df, p } = welch(first, second)
    expect(t).toBeCloseTo(-1.8608, 4)
    expect(df).toBeCloseTo(17.776, 3)
    expect(p).toBeCloseTo(0.07939, 5)
  })

  it("finds what Rosetta Code's task gives for its data", () => {
    expect(welch([3, 4, 1, 2.1], [490.2, 340, 433.9]).p).toBeCloseTo(0.010751561149785, 12)
  })

  it('takes constants', () => {
    expect(welch([1, 1], [1, 1]).p).toBe(1)
    expect(welch([1, 1], [2, 2]).p).toBe(0)
  })
})

describe('order', () => {
  it("finds Spearman's rho of Wikipedia's example, IQ and hours of television", () => {
    const iq = [106, 100, 86, 101, 99, 103, 97, 113, 112, 110]
    const hours = [7, 27, 2, 50, 28, 29, 20, 12, 6, 17]
    const { rho, p } = spearman(iq, hours)
    expect(rho).toBeCloseTo(-29 / 165, 12)
    expect(p).toBeCloseTo(0.627188, 6)
  })

  it('shares the rank among ties', () => {
    expect([...ranks([10, 20, 20, 5])]).toEqual([2, 3.5, 3.5, 1])
  })

  // NIST/SEMATECH e-Handbook 1.3.5.13: 200 values, 120 runs, Z = 2.6938.
  it('finds the Z of the runs test in the handbook of NIST', () => {
    // 60 runs on each side, 100 values on each side.
    const values = Array.from({ length: 60 }, (_, i) => (i < 40 ? [1, 1, -1, -1] : [1, -1])).flat()
    expect(values).toHaveLength(200)
    const { runs, expected, z } = runsTest(values)
    expect(runs).toBe(120)
    expect(expected).toBe(101)
    expect(z).toBeCloseTo(2.6938, 4)
  })

  it('complains about a sequence that only rises', () => {
    expect(runsTest(Array.from({ length: 100 }, (_, i) => i)).p).toBeLessThan(1e-10)
  })
})

describe('distances', () => {
  it('are those that one finds by hand', () => {
    expect(kolmogorovSmirnov([0.2, 0.4, 0.9], identity).distance).toBeCloseTo(2 / 3 - 0.4, 12)
    expect(kolmogorovSmirnovTwo([1, 2, 3, 4], [3, 4, 5, 6]).distance).toBeCloseTo(0.5, 12)
  })

  it('agree with the independent test of the test suite', () => {
    const [a, b] = [uniforms(1, 500), uniforms(2, 700)]
    const [ours, other] = [kolmogorovSmirnovTwo(a, b), otherTwoSample(a, b)]
    expect(ours.distance).toBeCloseTo(other.distance, 12)
    expect(ours.p).toBeCloseTo(other.p, 9)
  })

  it('reject uniform samples a share alpha of the time, and no more', () => {
    const trials = 2_000
    let [ks, ad] = [0, 0]
    for (let seed = 0; seed < trials; seed++) {
      const sample = uniforms(seed, 60)
      if (kolmogorovSmirnov(sample, identity).p < 0.05) ks++
      if (andersonDarling(sample, identity, rest).p < 0.05) ad++
    }
    // Four standard errors of a share of 5 % in 2,000.
    for (const rejected of [ks, ad]) expect(Math.abs(rejected / trials - 0.05)).toBeLessThan(0.0195)
  })

  it('see that an exponential is not one with another mean, nor a uniform', () => {
    const cumulative = exponentialCumulative(33)
    const survival = (x: number): number => Math.exp(-x / 33)
    const right = uniforms(3, 2_000).map((u) => -33 * Math.log(u))
    const wrong = [right.map((x) => x * 1.15), uniforms(4, 2_000).map((u) => 66 * u)]
    expect(kolmogorovSmirnov(right, cumulative).p).toBeGreaterThan(0.01)
    expect(andersonDarling(right, cumulative, survival).p).toBeGreaterThan(0.01)
    for (const sample of wrong) {
      expect(kolmogorovSmirnov(sample, cumulative).p).toBeLessThan(1e-3)
      expect(andersonDarling(sample, cumulative, survival).p).toBeLessThan(1e-3)
    }
  })

  it('see a tail that was cut off', () => {
    const cut = uniforms(5, 100_000).map((u) => Math.min(100, -33 * Math.log(u)))
    const survival = (x: number): number => Math.exp(-x / 33)
    expect(andersonDarling(cut, exponentialCumulative(33), survival).p).toBeLessThan(1e-4)
  })
})

describe('Pearson', () => {
  // Mendel's peas: 315, 101, 108, 32 against 9:3:3:1, chi-square 0.470 (Fisher, 1936).
  it("finds chi-square of Mendel's peas", () => {
    const { statistic, df, p } = chiSquare(
      [315, 101, 108, 32],
      [9, 3, 3, 1].map((part) => (556 * part) / 16),
    )
    expect(statistic).toBeCloseTo(0.47, 2)
    expect(df).toBe(3)
    expect(p).toBeCloseTo(
      chiSquareP(
        [315, 101, 108, 32],
        [9, 3, 3, 1].map((part) => (556 * part) / 16),
      ),
      9,
    )
  })

  it('joins cells that expect too little', () => {
    expect(chiSquare([10, 1, 2, 3, 20], [10, 2, 2, 2, 20]).df).toBe(2)
    expect(chiSquare([1, 0], [1, 1]).p).toBe(1)
  })
})

describe('the curve of a score', () => {
  it("has the area that scikit-learn's documentation gives", () => {
    expect(roc([0.35, 0.8], [0.1, 0.4]).auc).toBe(0.75)
  })

  it('counts ties half', () => {
    expect(roc([1, 1], [1, 1]).auc).toBe(0.5)
  })

  it('finds at a small share of false accusations what is above nearly all others', () => {
    const { tprAt } = roc(
      [5, 50, 99.5, 200],
      Array.from({ length: 100 }, (_, i) => i + 1),
    )
    expect(tprAt(0)).toBe(0.25)
    expect(tprAt(0.01)).toBe(0.5)
    expect(tprAt(1)).toBe(1)
  })
})
