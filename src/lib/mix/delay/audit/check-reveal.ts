/** What one mix revealed, held against what it promised and against the packets of a sender. */
import { equal, toHex } from '../../../core/index.ts'
import type { Ecvrf } from '../../../crypto/index.ts'
import {
  type DistanceTest,
  exponentialCumulative,
  kolmogorovSmirnov,
} from '../../analysis/statistics/index.ts'
import { verifyDelaySeed } from '../epoch-seed.ts'
import { leafId, openLeaf } from '../log/leaf.ts'
import { verifyRevealSignature } from '../log/reveal.ts'
import { delayOf } from '../mode.ts'
import type { AuditedMix } from './audited-mix.ts'
import { LEAST_P } from './bounds.ts'
import type { LoopHop } from './loop-sample.ts'
import type { RevealRead } from './read-reveal.ts'

/** Two ways to compute a logarithm may round to different microseconds. */
const ROUNDING_US = 1

/** What can be wrong: the document, single lines, all lines together, or the loops. */
export type AuditFault =
  | 'signature'
  | 'seed'
  | 'order'
  | 'list'
  | 'missing_line'
  | 'unreadable_line'
  | 'wrong_delay'
  | 'impossible_times'
  | 'law'
  | 'late'
  | 'early'

export interface CountedFault {
  readonly fault: AuditFault
  readonly count: number
}

/** A sender's packet at the mix. */
export interface PassedPacket {
  readonly hop: LoopHop
  /** Whether the loop came back, so that it was certainly here. */
  readonly cameBack: boolean
}

export interface CheckedReveal {
  readonly mix: AuditedMix
  readonly lines: number
  readonly faults: readonly CountedFault[]
  /** The seed, once it is proved to be the only one possible. */
  readonly beta?: Uint8Array
  /** Delays in the lines of the sender's packets against the exponential law; undefined when there are none. */
  readonly law?: DistanceTest & { readonly ok: boolean }
}

export function checkReveal(
  vrf: Ecvrf,
  mix: AuditedMix,
  reveal: RevealRead,
  packets: readonly PassedPacket[],
): CheckedReveal {
  const lines = reveal.header.count
  const wrong = documentFaults(vrf, mix, reveal)
  // A document that cannot be believed says nothing about single packets.
  if (wrong.length > 0) return { mix, lines, faults: wrong.map((fault) => ({ fault, count: 1 })) }
  const { beta } = reveal.header.seed
  const counts = new Map<AuditFault, number>()
  const drawn: number[] = []
  for (const packet of packets) {
    const { fault, drawnUs } = checkLine(mix, beta, reveal, packet)
    if (fault !== undefined) counts.set(fault, (counts.get(fault) ?? 0) + 1)
    if (drawnUs !== undefined) drawn.push(drawnUs)
  }
  const test = drawn.length === 0 ? undefined : kolmogorovSmirnov(drawn, exponentialCumulative(mix.meanUs))
  const law = test && { ...test, ok: test.p >= LEAST_P }
  if (law?.ok === false) counts.set('law', drawn.length)
  return {
    mix,
    lines,
    beta,
    faults: [...counts].map(([fault, count]) => ({ fault, count })),
    ...(law === undefined ? {} : { law }),
  }
}

function documentFaults(vrf: Ecvrf, mix: AuditedMix, reveal: RevealRead): AuditFault[] {
  const { header, headerBytes, signature, isSorted, isWhole } = reveal
  const faults: AuditFault[] = []
  if (!verifyRevealSignature(mix.identityKey, headerBytes, signature)) faults.push('signature')
  const beta = verifyDelaySeed(vrf, mix.vrfKey, mix, header.seed.proof)
  if (beta === undefined || !equal(beta, header.seed.beta)) faults.push('seed')
  if (!isSorted) faults.push('order')
  if (!isWhole) faults.push('list')
  return faults
}

interface CheckedLine {
  readonly fault?: AuditFault
  /** What the mix says that it drew, without the sender's command. */
  readonly drawnUs?: number
}

function checkLine(
  mix: AuditedMix,
  beta: Uint8Array,
  reveal: RevealRead,
  { hop, cameBack }: PassedPacket,
): CheckedLine {
  const line = reveal.found.get(toHex(leafId(hop.tau)))
  // A loop that got lost may never have reached this mix; one that came back went through it.
  if (line === undefined) return cameBack ? { fault: 'missing_line' } : {}
  const times = openLeaf(hop.tau, line)
  if (times === undefined) return { fault: 'unreadable_line' }
  const commandUs = mix.mode === 'hybrid' ? hop.commandMs * 1_000 : 0
  const drawnUs = times.delayUs - commandUs
  const rightUs = delayOf(mix.mode, hop.commandMs, beta, hop.tau, mix.meanUs)
  if (Math.abs(times.delayUs - rightUs) > ROUNDING_US) return { fault: 'wrong_delay', drawnUs }
  if (times.releasedUs - times.arrivedUs < times.delayUs) return { fault: 'impossible_times', drawnUs }
  return { drawnUs }
}
