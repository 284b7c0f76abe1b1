/** What runs all night of the mixnet. A target takes a seed, and the same seed does the same again. */
import { REPLAY_STEPS, simulateReplays } from './replay-simulation.ts'

export interface MixNightlyTarget {
  /** @throws Error when a property does not hold */
  readonly run: (seed: number) => unknown
  /** Inputs in one run. */
  readonly inputs: number
}

export const MIX_NIGHTLY_TARGETS: Readonly<Record<string, MixNightlyTarget>> = {
  replay: { run: simulateReplays, inputs: REPLAY_STEPS },
}
