import { describe, expect, it } from 'vitest'
import { LOGARITHM_BITS, negativeLogarithm } from '../../../src/lib/mix/topology/negative-logarithm.ts'

/** `int(-((Decimal(v) + Decimal('0.5')) / 2**64).ln() * 2**64)` by Python's decimal with 60 digits. */
const PYTHON: readonly (readonly [bigint, bigint])[] = [
  [0n, 831110061938172617886n],
  [1n, 810844242212879678247n],
  [4294967296n, 409161876644337497465n],
  [9007199254753337n, 140649395097203928673n],
  [81985529216486895n, 99909417996980306125n],
  [9223372036854775807n, 12786308645202655660n],
  [9223372036854775808n, 12786308645202655658n],
  [18446744073709551615n, 0n],
]

describe('the negative logarithm in whole numbers', () => {
  it('is that of Python to the last bit', () => {
    for (const [value, expected] of PYTHON)
      expect([value, negativeLogarithm(value)]).toEqual([value, expected])
  })

  it('agrees with floating point as far as that reaches, and never rises', () => {
    let before = negativeLogarithm(0n)
    for (let i = 1n; i <= 2000n; i++) {
      const value = (i * (2n ** 64n - 1n)) / 2000n
      const result = negativeLogarithm(value)
      const floating = -Math.log((Number(value) + 0.5) / 2 ** 64)
      expect(Math.abs(Number(result) / 2 ** Number(LOGARITHM_BITS) - floating)).toBeLessThan(1e-12)
      expect(result).toBeLessThanOrEqual(before)
      before = result
    }
  })
})
