/** What runs all night of the mixnet. A target takes a seed, and the same seed does the same again. */
import { AUDIT_LOOPS, simulateAudit } from './audit-simulation.ts'
import { fuzzPackets } from './fuzz-packets.ts'
import { compareKernels } from './kernel-comparison.ts'
import { simulateLyingAuthority } from './lying-authority.ts'
import { judgePathLengths, judgeUnlinkability, UNLINKABILITY_PACKETS } from './packet-privacy.ts'
import { PRIVACY_INPUTS, simulatePrivacy } from './privacy-simulation.ts'
import { REPLAY_STEPS, simulateReplays } from './replay-simulation.ts'
import { simulateTimingWheel, WHEEL_STEPS } from './timing-wheel-simulation.ts'

export interface MixNightlyTarget {
  /** @throws Error when a property does not hold */
  readonly run: (seed: number) => unknown
  /** Inputs in one run. */
  readonly inputs: number
}

const PACKETS = 10_000

export const MIX_NIGHTLY_TARGETS: Readonly<Record<string, MixNightlyTarget>> = {
  kernel: { run: (seed) => compareKernels({ count: PACKETS, seed }), inputs: PACKETS },
  packets: { run: (seed) => fuzzPackets({ count: PACKETS, seed }), inputs: PACKETS },
  unlinkability: { run: judgeUnlinkability, inputs: UNLINKABILITY_PACKETS },
  'path-length': { run: judgePathLengths, inputs: UNLINKABILITY_PACKETS },
  // A round is two seconds of work, so that a share of the inputs goes a long way.
  authorities: { run: simulateLyingAuthority, inputs: 1000 },
  delays: { run: simulateTimingWheel, inputs: WHEEL_STEPS },
  audits: { run: simulateAudit, inputs: AUDIT_LOOPS },
  replay: { run: simulateReplays, inputs: REPLAY_STEPS },
  privacy: { run: simulatePrivacy, inputs: PRIVACY_INPUTS },
}
