import { describe, expect, it } from 'vitest'
import { heldBytes } from '../support/session-heap.ts'
import { TLS_FUZZ_TARGETS } from '../support/tls-fuzz/targets.ts'

/** A million of each through scripts/nightly-tls.ts. */
const INPUTS = 5_000
const MORE_INPUTS: Readonly<Record<string, number>> = {
  hello: 20_000,
  ech: 20_000,
  pcap: 10_000,
  pcapng: 10_000,
  'server-flight': 20_000,
  // Keys of today's Chrome take longer.
  'ech-flight': 1_000,
}
/** Processor time of one input: it does not depend on what else the machine does. */
const CPU_MS = 2_000
/** What may stay behind once everything was collected. */
const HELD_BYTES = 32 * 1_048_576

describe('what others send meets', () => {
  it.each(Object.entries(TLS_FUZZ_TARGETS))(
    '%s with a value, a skip or a typed error',
    async (name, target) => {
      const inputs = MORE_INPUTS[name] ?? INPUTS
      const before = heldBytes()
      for (let seed = 0; seed * target.inputs < inputs; seed++) {
        const { user, system } = process.cpuUsage()
        try {
          await target.run(seed)
        } catch (cause) {
          throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, {
            cause,
          })
        }
        const after = process.cpuUsage()
        expect(after.user + after.system - user - system, `seed ${seed}`).toBeLessThan(CPU_MS * 1_000)
      }
      expect(heldBytes() - before).toBeLessThan(HELD_BYTES)
    },
  )
})
