/** Judges of times: T5 and T6. */
import { correlateFlows, type FlowPair, SCORES, type ScoreName } from '../attacks/flow-correlation.ts'
import { hopDelays, judgeDelays, judgeSends, occupancyP } from '../delays.ts'
import { firstVisit } from '../entropy/sender-unlinkability.ts'
import type { Roc } from '../statistics/roc.ts'
import type { ClientPacket, MixTrace } from '../trace/trace.ts'
import { type Judgement, judged, noneRejected, type Values } from './judgement.ts'
import type { Observation } from './observation.ts'
import { observedInstead, redelayed, withoutCover } from './worse.ts'

const DELAYS_MOST = 100_000
const ALPHA = 0.01
const ACCURACY_MOST = 0.01
const AUC_MOST = 0.03
/** Three scores at 1 %: a guess is farther away than so many standard errors with a chance of 1 % over all of them. */
const GUESSES = 2.94
const OTHERS_EACH = 20
const PAIRS_LEAST = 5
/** What is left of a fraction after whole steps of the golden ratio fills an interval evenly, without a draw. */
const GOLDEN = 0.618_033_988_749_894_8

export function judgeDistribution(observation: Observation): Judgement | undefined {
  const values = distributionValues(observation)
  if (values === undefined) return undefined
  const { trace, meanUs } = observation
  const even = redelayed(trace, (hop) => ((hop * GOLDEN) % 1) * 2 * meanUs)
  const steady = { ...even, sends: onTimer(trace.sends) }
  return judged('T6', `no p below ${ALPHA} (Holm), accuracy 50 ± 1 %`, isExponential, values, {
    name: 'delays spread evenly from 0 to twice the mean, clients on a timer',
    values: distributionValues(observedInstead(observation, steady)) ?? values,
  })
}

function distributionValues(observation: Observation): Values | undefined {
  const { trace, moments, meanUs, floorUs, fromUs, untilUs } = observation
  const delays = hopDelays(trace, moments, fromUs, DELAYS_MOST)
  if (delays.filter((delay) => delay > floorUs).length < 100) return undefined
  const verdict = judgeDelays(delays, meanUs, floorUs)
  const sends = judgeSends(trace, fromUs, untilUs)
  return {
    delays: verdict.count,
    kolmogorov_smirnov_p: verdict.kolmogorovSmirnov,
    anderson_darling_p: verdict.andersonDarling,
    spearman_p: verdict.spearman,
    runs_p: verdict.runs,
    occupancy_p: occupancyP(trace, moments, meanUs, fromUs, untilUs),
    gaps: sends.gaps,
    gaps_p: sends.exponential,
    same_gaps_p: sends.sameGaps,
    accuracy: sends.accuracy,
  }
}

function isExponential(values: Values): boolean {
  const chances = Object.entries(values).flatMap(([name, value]) => (name.endsWith('_p') ? [value] : []))
  const { accuracy = 0.5, gaps = 0 } = values
  // With few gaps a guess is not within one percent of one half: half of them are tested, in two classes.
  const noise = (GUESSES * Math.SQRT2) / (2 * Math.sqrt(Math.max(1, gaps / 2)))
  return noneRejected(chances, ALPHA) && Math.abs(accuracy - 0.5) <= Math.max(ACCURACY_MOST, noise)
}

/** The same packets of each client, at even distances. */
function onTimer(sends: readonly ClientPacket[]): ClientPacket[] {
  const byClient = Map.groupBy(sends, ({ client }) => client)
  let [first, last] = [Number.POSITIVE_INFINITY, 0]
  for (const { atUs } of sends) {
    first = Math.min(first, atUs)
    last = Math.max(last, atUs)
  }
  return [...byClient.values()].flatMap((own) =>
    own.map((send, i) => ({ ...send, atUs: first + ((i + 0.5) * (last - first)) / own.length })),
  )
}

/** Undefined when fewer than five clients talk to somebody. */
export function judgeCorrelation(observation: Observation): Judgement | undefined {
  const values = correlationValues(observation)
  if (values === undefined) return undefined
  const bare = observedInstead(observation, withoutCover(observation.trace))
  return judged('T5', `area under the curve 0.5 ± ${AUC_MOST}`, isGuessing, values, {
    name: 'the same without cover',
    values: correlationValues(bare) ?? values,
  })
}

export function isGuessing(values: Values): boolean {
  const tolerance = values.tolerance as number
  return SCORES.every((name) => Math.abs((values[`${name}_auc`] as number) - 0.5) <= tolerance)
}

function correlationValues({ trace, meanUs, fromUs, untilUs }: Observation): Values | undefined {
  const pairs = flowPairs(trace, fromUs, untilUs)
  if (pairs.length < PAIRS_LEAST) return undefined
  const curves = correlateFlows(pairs, {
    meanDelayMs: meanUs / 1000,
    hops: longestWay(trace),
    durationMs: (untilUs - fromUs) / 1000,
    othersEach: OTHERS_EACH,
  })
  return rocValues(curves, pairs.length)
}

/** Areas, and what is found when one in 100 or 1,000 is accused wrongly, of all scores. */
export function rocValues(curves: Readonly<Record<ScoreName, Roc>>, pairs: number): Values {
  const values: Record<string, number> = {
    pairs,
    tolerance: Math.max(AUC_MOST, GUESSES * curves.likelihood.guessingError),
  }
  for (const name of SCORES) {
    values[`${name}_auc`] = curves[name].auc
    values[`${name}_tpr_1e2`] = curves[name].tprAt(0.01)
    values[`${name}_tpr_1e3`] = curves[name].tprAt(0.001)
  }
  return values
}

/** All that a client sends beside all that the one receives to whom it talks most. */
function flowPairs(trace: MixTrace, fromUs: number, untilUs: number): FlowPair[] {
  const senderOf = new Map<number, number>()
  for (const { client, kind, hop } of trace.sends) if (kind === 'real') senderOf.set(hop, client)
  const talks = new Map<number, number>()
  for (const { client, kind, hop } of trace.receives) {
    const sender = kind === 'real' && hop >= 0 ? senderOf.get(firstVisit(trace, hop)) : undefined
    if (sender !== undefined && !talks.has(sender)) talks.set(sender, client)
  }
  const sent = flowsOf(trace.sends, trace.clients.length, fromUs, untilUs)
  const received = flowsOf(trace.receives, trace.clients.length, fromUs, untilUs)
  return [...talks].map(([sender, receiver]) => ({
    sent: sent[sender] as Float64Array,
    received: received[receiver] as Float64Array,
  }))
}

function flowsOf(
  packets: readonly ClientPacket[],
  clients: number,
  fromUs: number,
  untilUs: number,
): Float64Array[] {
  const flows = Array.from({ length: clients }, (): number[] => [])
  for (const { client, atUs } of packets)
    if (atUs >= fromUs && atUs < untilUs) flows[client]?.push((atUs - fromUs) / 1000)
  return flows.map((times) => Float64Array.from(times).sort())
}

function longestWay({ hops }: MixTrace): number {
  let longest = 1
  for (let first = 0; first < Math.min(1_000, hops.count); first++) {
    if ((hops.previous[first] as number) >= 0) continue
    let length = 0
    for (let hop = first; hop >= 0; hop = hops.next[hop] as number) length++
    longest = Math.max(longest, length)
  }
  return longest
}
