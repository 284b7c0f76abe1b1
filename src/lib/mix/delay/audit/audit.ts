/**
 * Whether mixes held the packets of one epoch as long as they had to. Anyone can check what they revealed; the delays only a
 * sender, on its own packets.
 */
import { AivError, equal, toHex } from '../../../core/index.ts'
import type { Ecvrf } from '../../../crypto/index.ts'
import { leafId } from '../log/leaf.ts'
import { delayOf } from '../mode.ts'
import type { AuditedMix } from './audited-mix.ts'
import { LEAST_LOOPS } from './bounds.ts'
import { type CheckedReveal, type CountedFault, checkReveal } from './check-reveal.ts'
import { judgeLoops, type LoopJudgement, type MeasuredLoop } from './judge-loops.ts'
import type { LoopSample } from './loop-sample.ts'
import { type RevealRead, readReveal } from './read-reveal.ts'

const NO_SEED = new Uint8Array(0)

export interface MixAudit {
  readonly mix: AuditedMix
  /** `undecided`: nothing is wrong, and too few loops could be measured to say more. */
  readonly verdict: 'honest' | 'dishonest' | 'undecided'
  readonly faults: readonly CountedFault[]
  /** Lines of the document. */
  readonly lines: number
  /** Loops through this mix that came back. */
  readonly returned: number
  /** Undefined when nothing could be compared. */
  readonly law?: NonNullable<CheckedReveal['law']>
  readonly loops?: LoopJudgement
}

export interface DelayAudit {
  readonly mixes: readonly MixAudit[]
  /** Loops that were given. */
  readonly loops: number
  readonly returned: number
  /** Loops of which every delay is known. */
  readonly measured: number
  /** What such loops took beside links and delays, microseconds, of all mixes together. */
  readonly residual?: { readonly medianUs: number; readonly p95Us: number }
}

export interface DelayAuditInput {
  readonly vrf: Ecvrf
  /** Mixes of the directory of the epoch. */
  readonly mixes: readonly AuditedMix[]
  /** What some of them revealed, one document each. */
  readonly reveals: readonly AsyncIterable<Uint8Array>[]
  readonly loops: readonly LoopSample[]
  /** What may lie between the delays of a loop and its measurement. */
  readonly slackUs: number
}

/**
 * Audits every mix of which there is a document.
 * @throws AivError `E_MALFORMED` when a document is none, `E_INPUT` when it is of no mix of the directory, of another epoch, or
 * there twice, `E_UNSUPPORTED` for a mix that draws no delays
 */
export async function auditDelays(input: DelayAuditInput): Promise<DelayAudit> {
  const { vrf, mixes, reveals, loops, slackUs } = input
  const wanted = new Set(loops.flatMap(({ hops }) => hops.map(({ tau }) => toHex(leafId(tau)))))
  const checked = new Map<string, CheckedReveal>()
  for (const chunks of reveals) {
    const reveal = await readReveal(chunks, wanted)
    const mix = mixOf(reveal, mixes)
    const node = toHex(mix.node)
    if (checked.has(node)) throw new AivError('E_INPUT', `there are two documents of mix ${node}`)
    checked.set(node, checkReveal(vrf, mix, reveal, packetsAt(mix, loops)))
  }
  const measured = measuredLoops(mixes, checked, loops)
  const known = new Set([...checked].filter(([, { faults }]) => faults.length > 0).map(([node]) => node))
  const judgements = judgeLoops(measured, known, slackUs)
  const residuals = Float64Array.from(measured, ({ residualUs }) => residualUs).sort()
  return {
    mixes: [...checked].map(([node, each]) => conclude(each, judgements.get(node), loops)),
    loops: loops.length,
    returned: loops.filter(({ observedUs }) => observedUs !== undefined).length,
    measured: measured.length,
    ...(residuals.length === 0
      ? {}
      : { residual: { medianUs: quantile(residuals, 0.5), p95Us: quantile(residuals, 0.95) } }),
  }
}

function mixOf({ header }: RevealRead, mixes: readonly AuditedMix[]): AuditedMix {
  const mix = mixes.find(({ node, epoch }) => epoch === header.epoch && equal(node, header.node))
  if (mix === undefined)
    throw new AivError(
      'E_INPUT',
      'revealed delays are of a mix or an epoch that the directory does not have',
      {
        hint: `They are of node ${toHex(header.node)} in epoch ${header.epoch}.`,
      },
    )
  if (mix.mode === 'sender')
    throw new AivError('E_UNSUPPORTED', 'a mix that draws no delays cannot reveal any: senders choose them')
  return mix
}

function packetsAt({ node }: AuditedMix, loops: readonly LoopSample[]): Parameters<typeof checkReveal>[3] {
  return loops.flatMap(({ hops, observedUs }) =>
    hops.filter((hop) => equal(hop.node, node)).map((hop) => ({ hop, cameBack: observedUs !== undefined })),
  )
}

/** Loops that came back and of which all delays are known: chosen by their sender, or drawn from a seed that is proved. */
function measuredLoops(
  mixes: readonly AuditedMix[],
  checked: ReadonlyMap<string, CheckedReveal>,
  loops: readonly LoopSample[],
): MeasuredLoop[] {
  const byNode = new Map(mixes.map((mix) => [toHex(mix.node), mix]))
  return loops.flatMap(({ hops, observedUs, linksUs }) => {
    if (observedUs === undefined) return []
    const nodes = hops.map(({ node }) => toHex(node))
    let residualUs = observedUs - linksUs
    for (const [i, { tau, commandMs }] of hops.entries()) {
      const mix = byNode.get(nodes[i] as string)
      const beta = mix?.mode === 'sender' ? NO_SEED : checked.get(nodes[i] as string)?.beta
      if (mix === undefined || beta === undefined) return []
      residualUs -= delayOf(mix.mode, commandMs, beta, tau, mix.meanUs)
    }
    return [{ nodes, residualUs }]
  })
}

function conclude(
  { mix, lines, faults: found, law }: CheckedReveal,
  loops: LoopJudgement | undefined,
  samples: readonly LoopSample[],
): MixAudit {
  const faults = [...found]
  // Where lines are wrong already, what the loops say of the mix adds nothing.
  if (found.length === 0 && loops !== undefined)
    for (const fault of ['late', 'early'] as const)
      if (!loops[fault].ok) faults.push({ fault, count: loops[fault].count })
  const measured = loops?.late.of ?? 0
  return {
    mix,
    verdict: faults.length > 0 ? 'dishonest' : measured < LEAST_LOOPS ? 'undecided' : 'honest',
    faults,
    lines,
    returned: packetsAt(mix, samples).filter(({ cameBack }) => cameBack).length,
    ...(law === undefined ? {} : { law }),
    ...(loops === undefined ? {} : { loops }),
  }
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
}
