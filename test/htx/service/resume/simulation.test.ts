import { describe, expect, it } from 'vitest'
import { simulateContinuity } from '../../../support/continuity-simulation.ts'

/** Ten thousand through scripts/nightly-htx.ts. */
const SEEDS = 500

describe('a continued service over links that are cut behind any byte', () => {
  it(`moves every byte once and in order, from ${SEEDS} seeds`, () => {
    let cuts = 0
    for (let seed = 0; seed < SEEDS; seed++) {
      try {
        cuts += simulateContinuity(seed).cuts
      } catch (cause) {
        throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
      }
    }
    expect(cuts).toBeGreaterThan(SEEDS)
  })
})
