import { describe, expect, it } from 'vitest'
import { FUZZ_TARGETS } from '../../support/session-fuzz.ts'
import { heldBytes } from '../../support/session-heap.ts'

/** A million of each through scripts/nightly-htx.ts. */
const INPUTS = 20_000

describe('hostile bytes meet', () => {
  it.each(Object.entries(FUZZ_TARGETS))('%s with a value or a typed error', (_name, target) => {
    const before = heldBytes()
    for (let seed = 0; seed * target.inputs < INPUTS; seed++) {
      try {
        target.run(seed)
      } catch (cause) {
        throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
      }
    }
    expect(heldBytes() - before).toBeLessThan(32 * 1_048_576)
  })
})
