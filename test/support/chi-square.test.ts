import { expect, it } from 'vitest'
import { chiSquareP, uniformP } from './chi-square.ts'

/** Critical values of printed tables (NIST/SEMATECH e-Handbook, section 1.3.6.7.4): degrees, upper tail, value. */
const TABLE = [
  [1, 0.05, 3.841],
  [1, 0.001, 10.828],
  [10, 0.05, 18.307],
  [15, 0.01, 30.578],
  [15, 0.9, 8.547],
  [100, 0.025, 129.561],
  [100, 0.95, 77.929],
] as const

it.each(TABLE)(
  'chi-square with %i degrees of freedom has %d above its printed value',
  (degrees, tail, value) => {
    // One count is off so far that the sum is the value, all others are as expected.
    const counts = [100 + Math.sqrt(value * 100), ...Array.from({ length: degrees }, () => 100)]
    expect(
      chiSquareP(
        counts,
        counts.map(() => 100),
      ),
    ).toBeCloseTo(tail, 4)
  },
)

it('equal counts are no reason for doubt, and one value alone is', () => {
  expect(uniformP([50, 50, 50, 50])).toBe(1)
  expect(uniformP([200, 0, 0, 0])).toBeLessThan(1e-100)
})
