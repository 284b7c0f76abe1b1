/**
 * Whether a mix held the packets of one epoch as long as it had to. Anyone can check the document itself; the delays only a
 * sender, on its own packets.
 */
import { AivError, equal, toHex } from '../../../core/index.ts'
import type { Ecvrf } from '../../../crypto/index.ts'
import { verifyDelaySeed } from '../epoch-seed.ts'
import { leafId, openLeaf } from '../log/leaf.ts'
import { verifyRevealSignature } from '../log/reveal.ts'
import { drawnDelayUs } from '../mode.ts'
import type { AuditedMix } from './audited-mix.ts'
import { type DelayJudgement, judgeDelays, type MeasuredDelay } from './judge-delays.ts'
import { type RevealRead, readReveal } from './read-reveal.ts'
import type { DelaySample } from './sample.ts'

/** Fewer packets that came back decide nothing. */
const LEAST_SAMPLES = 50

/** Two ways to compute a logarithm may round to different microseconds. */
const ROUNDING_US = 1

/** What can be wrong, the document first, then single packets, then all together. */
const AUDIT_FAULTS = [
  'signature',
  'seed',
  'order',
  'list',
  'missing_line',
  'unreadable_line',
  'wrong_delay',
  'impossible_times',
  'law',
  'late',
  'early',
] as const
export type AuditFault = (typeof AUDIT_FAULTS)[number]

export interface DelayAudit {
  readonly mix: AuditedMix
  /** `undecided`: nothing is wrong, and too few packets came back to say more. */
  readonly verdict: 'honest' | 'dishonest' | 'undecided'
  readonly faults: readonly { readonly fault: AuditFault; readonly count: number }[]
  readonly lines: number
  readonly samples: number
  /** Samples that came back. */
  readonly returned: number
  /** Undefined when the document could not be believed, or there was nothing to measure. */
  readonly judgement?: DelayJudgement
}

/**
 * Audits one mix in one epoch.
 * @param mixes those that the document may be of
 * @param chunks the revealed document
 * @param slackUs what may lie between a delay and its measurement
 * @throws AivError `E_MALFORMED` when the document is none, `E_INPUT` when it is of another mix or epoch, `E_UNSUPPORTED` for
 * a mix that draws no delays
 */
export async function auditDelays(
  vrf: Ecvrf,
  mixes: readonly AuditedMix[],
  chunks: AsyncIterable<Uint8Array>,
  samples: readonly DelaySample[],
  slackUs: number,
): Promise<DelayAudit> {
  const ids = new Set(samples.map(({ tau }) => toHex(leafId(tau))))
  const reveal = await readReveal(chunks, ids)
  const mix = mixOf(reveal, mixes)
  const returned = samples.filter(({ observedUs }) => observedUs !== undefined).length
  const counts = { mix, lines: reveal.header.count, samples: samples.length, returned }
  const faults = documentFaults(vrf, mix, reveal)
  if (faults.length > 0)
    return { verdict: 'dishonest', faults: faults.map((fault) => ({ fault, count: 1 })), ...counts }

  const checked = samples.map((sample) => checkSample(mix, reveal, sample))
  const tally = new Map<AuditFault, number>()
  for (const { fault } of checked) if (fault !== undefined) tally.set(fault, (tally.get(fault) ?? 0) + 1)
  const measured = checked.flatMap((one) => (one.measured === undefined ? [] : [one.measured]))
  const judgement = measured.length === 0 ? undefined : judgeDelays(measured, mix.meanUs, slackUs)
  for (const fault of ['law', 'late', 'early'] as const) {
    const test = judgement?.[fault]
    if (test?.ok === false) tally.set(fault, 'count' in test ? test.count : measured.length)
  }
  const verdict = tally.size > 0 ? 'dishonest' : returned < LEAST_SAMPLES ? 'undecided' : 'honest'
  return {
    verdict,
    faults: [...tally].map(([fault, count]) => ({ fault, count })),
    ...counts,
    ...(judgement === undefined ? {} : { judgement }),
  }
}

function mixOf({ header }: RevealRead, mixes: readonly AuditedMix[]): AuditedMix {
  const mix = mixes.find(({ node, epoch }) => epoch === header.epoch && equal(node, header.node))
  if (mix === undefined)
    throw new AivError('E_INPUT', 'the revealed delays are of another mix or another epoch', {
      hint: `They are of node ${toHex(header.node)} in epoch ${header.epoch}.`,
    })
  if (mix.mode === 'sender')
    throw new AivError('E_UNSUPPORTED', 'this mix draws no delays: senders choose them')
  return mix
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

interface CheckedSample {
  readonly fault?: AuditFault
  readonly measured?: MeasuredDelay
}

function checkSample(mix: AuditedMix, reveal: RevealRead, sample: DelaySample): CheckedSample {
  const line = reveal.found.get(toHex(leafId(sample.tau)))
  // A packet that got lost may never have reached this mix; one that came back went through it.
  if (line === undefined) return sample.observedUs === undefined ? {} : { fault: 'missing_line' }
  const times = openLeaf(sample.tau, line)
  if (times === undefined) return { fault: 'unreadable_line' }
  const commandUs = mix.mode === 'hybrid' ? sample.commandMs * 1_000 : 0
  const drawnUs = drawnDelayUs(reveal.header.seed.beta, sample.tau, mix.meanUs)
  const measured = {
    drawnUs: times.delayUs - commandUs,
    ...(sample.observedUs === undefined
      ? {}
      : { residualUs: sample.observedUs - sample.elsewhereUs - times.delayUs }),
  }
  if (Math.abs(measured.drawnUs - drawnUs) > ROUNDING_US) return { fault: 'wrong_delay', measured }
  const heldUs = times.releasedUs - times.arrivedUs
  if (heldUs < times.delayUs) return { fault: 'impossible_times', measured }
  return { measured }
}
