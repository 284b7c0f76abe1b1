/** Judges of entropy: T1, T2, T3 and T4. */
import { percentile } from '../../../bench/index.ts'
import { exponentialMixEntropy, measuredEntropy, poolEntropy } from '../entropy/mix-entropy.ts'
import { senderUnlinkability } from '../entropy/sender-unlinkability.ts'
import { targetEntropies } from '../entropy/target-entropy.ts'
import { type Judgement, judged, type Values } from './judgement.ts'
import { type Observation, timesByNode } from './observation.ts'
import { observedInstead, redelayed, withoutCover } from './worse.ts'

/** Packets of one node that are looked at: the mean of so many is good to 0.02 bit. */
const VISITS_MOST = 5_000
/** Fewer say nothing. */
const VISITS_LEAST = 200
const GAP_MOST_BITS = 0.15
const MODEL_SHARE = 0.95
const TARGETS = 300
const SENDER_PAIRS = 25
/** What stands for a packet that only one of two can have sent: e^700 to one. */
const EPSILON_MOST = 700

type Measured = 'measured' | 'pool'

export function judgeNodeEntropy(observation: Observation): Judgement | undefined {
  const values = nodeEntropies(observation, 'measured')
  if (values === undefined) return undefined
  const fixed = redelayed(observation.trace, () => observation.meanUs)
  return judged('T1', `within ${GAP_MOST_BITS} bit of log2(e λ/μ)`, isNear, values, {
    name: 'nodes that delay each packet by the mean',
    values: nodeEntropies(observedInstead(observation, fixed), 'measured') ?? values,
  })
}

export function judgePoolEntropy(observation: Observation): Judgement | undefined {
  const values = nodeEntropies(observation, 'pool')
  if (values === undefined) return undefined
  const hasty = redelayed(observation.trace, (_, delay) => delay / 10)
  return judged('T2', `within ${GAP_MOST_BITS} bit of log2(e λ/μ)`, isNear, values, {
    name: 'nodes that delay by a tenth of what they were told',
    values: nodeEntropies(observedInstead(observation, hasty), 'pool') ?? values,
  })
}

function isNear({ bits, formula_bits: formula }: Values): boolean {
  return Math.abs((bits as number) - (formula as number)) < GAP_MOST_BITS
}

/** Means over all nodes with enough traffic. */
function nodeEntropies(observation: Observation, kind: Measured): Values | undefined {
  const { trace, moments, meanUs, fromUs } = observation
  const rows = timesByNode(trace, moments, VISITS_MOST).flatMap((times) => {
    if (times.in.length < VISITS_LEAST) return []
    const until = times.in.at(-1) as number
    const window = { from: fromUs, until }
    const arrivalsPerS = ((times.in.length - 1) * 1e6) / (until - (times.in[0] as number))
    const bits = kind === 'measured' ? measuredEntropy(times, window) : poolEntropy(times, window)
    return bits === 0 && until <= fromUs
      ? []
      : [{ bits, formula: exponentialMixEntropy(arrivalsPerS, meanUs / 1000), arrivalsPerS }]
  })
  if (rows.length === 0) return undefined
  const mean = (of: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((sum, row) => sum + of(row), 0) / rows.length
  return {
    nodes: rows.length,
    arrivals_per_s: mean((row) => row.arrivalsPerS),
    bits: mean((row) => row.bits),
    formula_bits: mean((row) => row.formula),
    worst_gap_bits: Math.max(...rows.map((row) => Math.abs(row.bits - row.formula))),
  }
}

/** @param modelBits the same measure of a simulated network of this size and traffic */
export function judgeTargetEntropy(observation: Observation, modelBits: number): Judgement | undefined {
  const values = targetValues(observation, modelBits)
  if (values.targets === 0) return undefined
  const hasty = redelayed(observation.trace, (_, delay) => delay / 10)
  return judged('T3', `at least ${100 * MODEL_SHARE} % of the model's entropy`, isWhole, values, {
    name: 'nodes that delay by a tenth of what they were told',
    values: targetValues(observedInstead(observation, hasty), modelBits),
  })
}

function isWhole({ bits, model_bits: model }: Values): boolean {
  return (bits as number) >= MODEL_SHARE * (model as number)
}

function targetValues({ trace, moments, fromUs }: Observation, modelBits: number): Values {
  const { bits, mean } = targetEntropies({ trace, moments }, fromUs, TARGETS)
  if (bits.length === 0) return { targets: 0, bits: 0, model_bits: modelBits, least_bits: 0 }
  return { targets: bits.length, bits: mean, model_bits: modelBits, least_bits: Math.min(...bits) }
}

export function judgeUnlinkability(observation: Observation): Judgement | undefined {
  const values = epsilonValues(observation)
  if (values === undefined) return undefined
  const bare = epsilonValues(observedInstead(observation, withoutCover(observation.trace)))
  return judged('T4', 'epsilon below 1 for 95 % of packets', ({ p95 }) => (p95 as number) < 1, values, {
    name: 'the same without cover',
    values: bare ?? values,
  })
}

/** Undefined when fewer than two clients sent real packets. */
function epsilonValues({ trace, moments, fromUs, untilUs }: Observation): Values | undefined {
  const inTime = trace.sends.filter(({ kind, atUs }) => kind === 'real' && atUs < untilUs)
  const senders = [...new Set(inTime.map(({ client }) => client))].sort((a, b) => a - b)
  const pairs = Math.min(SENDER_PAIRS, Math.floor(senders.length / 2))
  const epsilons: number[] = []
  for (let i = 0; i < pairs; i++) {
    const pair = [senders[2 * i], senders[2 * i + 1]] as [number, number]
    for (const epsilon of senderUnlinkability(trace, moments, pair, fromUs).epsilons)
      epsilons.push(Math.min(EPSILON_MOST, epsilon))
  }
  if (epsilons.length === 0) return undefined
  return {
    packets: epsilons.length,
    mean: epsilons.reduce((sum, value) => sum + value, 0) / epsilons.length,
    p50: percentile(epsilons, 50),
    p95: percentile(epsilons, 95),
    delta: epsilons.filter((value) => value > 1).length / epsilons.length,
  }
}
