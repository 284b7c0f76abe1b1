import { describe, expect, it } from 'vitest'
import { LINT_FUZZ_TARGETS } from '../support/lint-fuzz/targets.ts'
import { heldBytes } from '../support/session-heap.ts'

/** A million of each through scripts/nightly-lint.ts. */
const INPUTS = 5_000
const MORE_INPUTS: Readonly<Record<string, number>> = { readers: 20_000 }
/** Processor time of one input: it does not depend on what else the machine does. */
const CPU_MS = 2_000
/** What may stay behind once everything was collected. */
const HELD_BYTES = 64 * 1_048_576

describe('what others wrote meets', () => {
  it.each(Object.entries(LINT_FUZZ_TARGETS))(
    '%s with an answer or a problem that says where',
    async (name, target) => {
      const inputs = MORE_INPUTS[name] ?? INPUTS
      // Modules and texts that all seeds share are no leak.
      await target.run(0)
      const before = heldBytes()
      for (let seed = 0; seed * target.inputs < inputs; seed += 1) {
        const started = process.cpuUsage()
        try {
          await target.run(seed)
        } catch (cause) {
          throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, {
            cause,
          })
        }
        const { user, system } = process.cpuUsage(started)
        expect(user + system, `seed ${seed}`).toBeLessThan(CPU_MS * 1_000)
      }
      expect(heldBytes() - before).toBeLessThan(HELD_BYTES)
    },
    300_000,
  )
})
