/** What packets show to those who carry them, on samples that are large enough to see a tenth of a percent. */
import { makeGeometry } from '../../../src/lib/sphinx/index.ts'
import { ALL_FORMATS } from '../../sphinx/network.ts'
import { pathLengthProblems } from './path-length.ts'
import { unlinkabilityProblems } from './unlinkability.ts'

/** Packets of one sample. */
export const UNLINKABILITY_PACKETS = 100_000
/** Over five lengths of paths, each of which is carried to its end. */
const PACKETS_A_LENGTH = 5000
/** One false alarm in a million runs. */
const ALPHA = 1e-6

function formatOf(seed: number): (typeof ALL_FORMATS)[number] {
  return ALL_FORMATS[seed % ALL_FORMATS.length] as (typeof ALL_FORMATS)[number]
}

function requireNone(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`${problems.length} problems: ${problems.slice(0, 5).join('; ')}`)
}

/** @throws Error when input and output of a node can be linked */
export function judgeUnlinkability(seed: number): void {
  const geometry = makeGeometry(formatOf(seed))
  requireNone(unlinkabilityProblems({ geometry, packets: UNLINKABILITY_PACKETS, seed, alpha: ALPHA }))
}

/** @throws Error when the last hop can see how long a path was */
export function judgePathLengths(seed: number): void {
  const geometry = makeGeometry({ ...formatOf(seed), hops: 5, payloadBytes: 64 })
  requireNone(pathLengthProblems({ geometry, packets: PACKETS_A_LENGTH, seed, alpha: ALPHA }))
}
