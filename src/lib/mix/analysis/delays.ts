/** Whether delays are exponential and independent, and whether what clients send tells nothing (test T6). */
import { andersonDarling } from './statistics/anderson-darling.ts'
import { chiSquare, poissonProbabilities } from './statistics/chi-square.ts'
import {
  exponentialCumulative,
  kolmogorovSmirnov,
  kolmogorovSmirnovTwo,
} from './statistics/kolmogorov-smirnov.ts'
import { runsTest, spearman } from './statistics/order.ts'
import { upperGamma } from './statistics/special-functions.ts'
import { type MixTrace, momentUs, type TraceMoments } from './trace/trace.ts'

export interface DelayVerdict {
  /** Delays that were judged. */
  readonly count: number
  /** Chances of what was seen if the delays are right: below 0.01 something is wrong. */
  readonly kolmogorovSmirnov: number
  readonly andersonDarling: number
  /** Whether a delay depends on when the packet came. */
  readonly spearman: number
  readonly runs: number
}

/**
 * Judges delays against the exponential law with this mean.
 * @param delays in order of arrival
 * @param floor delays up to here are left out, and it is taken off the others: the law has no memory, so it stays what
 * it was. A node that waits at least 1 ms, ticks in 1 ms and takes some time for itself is judged right this way.
 */
export function judgeDelays(delays: readonly number[] | Float64Array, mean: number, floor = 0): DelayVerdict {
  const kept = Float64Array.from(delays)
    .filter((delay) => delay > floor)
    .map((delay) => delay - floor)
  if (kept.length < 10) throw new RangeError('at least 10 delays')
  const cumulative = exponentialCumulative(mean)
  const order = Float64Array.from(kept.keys())
  return {
    count: kept.length,
    kolmogorovSmirnov: kolmogorovSmirnov(kept, cumulative).p,
    andersonDarling: andersonDarling(kept, cumulative, (x) => Math.exp(-x / mean)).p,
    spearman: spearman(order, kept).p,
    runs: runsTest(kept).p,
  }
}

/** Delays of the visits that began at or after `fromUs`, in order of arrival, microseconds; at most `most` of them. */
export function hopDelays(
  { hops }: MixTrace,
  { order }: TraceMoments,
  fromUs: number,
  most: number,
): Float64Array {
  const delays = new Float64Array(Math.min(most, hops.count))
  let count = 0
  for (const moment of order) {
    if (count === delays.length) break
    const hop = moment >> 1
    if ((moment & 1) === 1 || (hops.inUs[hop] as number) < fromUs) continue
    delays[count++] = (hops.outUs[hop] as number) - (hops.inUs[hop] as number)
  }
  return delays.slice(0, count)
}

/** Samples this many mean delays apart share one packet in 22,000: they are as good as independent. */
const APART_MEANS = 10

/**
 * Whether the nodes hold as many packets as a queue M/M/∞ does: Poisson with mean λ/μ. Chance of what was seen.
 * @param untilUs later the trace only runs empty
 */
export function occupancyP(
  trace: MixTrace,
  { order, held }: TraceMoments,
  meanUs: number,
  fromUs: number,
  untilUs: number,
): number {
  const samples = trace.nodes.map((): number[] => [])
  const next = new Float64Array(trace.nodes.length).fill(fromUs)
  for (const [i, moment] of order.entries()) {
    const node = trace.hops.node[moment >> 1] as number
    const at = momentUs(trace.hops, moment)
    // What the node held just before its first moment after the sample's time is what it held at that time.
    while ((next[node] as number) <= Math.min(at, untilUs)) {
      samples[node]?.push(held[i] as number)
      next[node] = (next[node] as number) + APART_MEANS * meanUs
    }
  }
  const tests = samples.filter((counts) => counts.length >= 20).map(poissonTest)
  const statistic = tests.reduce((sum, test) => sum + test.statistic, 0)
  const df = tests.reduce((sum, test) => sum + test.df, 0)
  return df === 0 ? 1 : upperGamma(df / 2, statistic / 2)
}

function poissonTest(held: readonly number[]): { readonly statistic: number; readonly df: number } {
  const mean = held.reduce((sum, value) => sum + value, 0) / held.length
  if (mean === 0) return { statistic: 0, df: 0 }
  const most = Math.ceil(mean + 6 * Math.sqrt(mean)) + 1
  const counts = new Array<number>(most + 1).fill(0)
  for (const value of held) counts[Math.min(most, value)] = (counts[Math.min(most, value)] as number) + 1
  // Two constraints: their sum, and the mean that they gave.
  return chiSquare(
    counts,
    poissonProbabilities(mean, most).map((chance) => chance * held.length),
    2,
  )
}

export interface SendVerdict {
  /** Chance of the gaps between the packets of a client if it sends as a Poisson process. */
  readonly exponential: number
  /** Chance of the difference between those who have traffic and those who have none; 1 when there is only one kind. */
  readonly sameGaps: number
  /** Share of gaps that the best threshold, learned on one half, sorts right in the other: 0.5 is guessing. */
  readonly accuracy: number
  readonly gaps: number
}

/** Judges when clients send: all packets look alike, so only the times are left. */
export function judgeSends(trace: MixTrace, fromUs: number, untilUs: number): SendVerdict {
  const times = trace.clients.map((): number[] => [])
  const busy = new Set<number>()
  for (const { client, atUs, kind } of trace.sends) {
    if (kind === 'real') busy.add(client)
    if (atUs >= fromUs && atUs < untilUs) times[client]?.push(atUs)
  }
  const gaps: { readonly busy: number[]; readonly idle: number[] } = { busy: [], idle: [] }
  const chances: number[] = []
  for (const [client, at] of times.entries()) {
    at.sort((a, b) => a - b)
    for (const [i, time] of at.entries()) {
      const gap = time - (at[i - 1] ?? fromUs)
      // Between n points thrown on a line of length 1, each gap exceeds g with chance (1 - g)^n: no rate to estimate.
      chances.push(1 - (1 - gap / (untilUs - fromUs)) ** at.length)
      ;(busy.has(client) ? gaps.busy : gaps.idle).push(gap)
    }
  }
  const both = gaps.busy.length > 0 && gaps.idle.length > 0
  return {
    exponential: chances.length === 0 ? 1 : kolmogorovSmirnov(chances, (x) => x).p,
    sameGaps: both ? kolmogorovSmirnovTwo(gaps.busy, gaps.idle).p : 1,
    accuracy: both ? thresholdAccuracy(gaps.busy, gaps.idle) : 0.5,
    gaps: chances.length,
  }
}

/** Mean of the shares sorted right in either class, so that a common class is no advantage. */
function thresholdAccuracy(a: readonly number[], b: readonly number[]): number {
  const half = (values: readonly number[], odd: number): Float64Array =>
    Float64Array.from(values.filter((_, i) => (i & 1) === odd)).sort()
  const [learnA, learnB] = [half(a, 0), half(b, 0)]
  let best = { threshold: 0, edge: 0 }
  let j = 0
  for (const [i, threshold] of learnA.entries()) {
    while (j < learnB.length && (learnB[j] as number) <= threshold) j++
    const edge = (i + 1) / learnA.length - j / learnB.length
    if (Math.abs(edge) > Math.abs(best.edge)) best = { threshold, edge }
  }
  const below = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + (value <= best.threshold ? 1 : 0), 0) / Math.max(1, values.length)
  const difference = below(half(a, 1)) - below(half(b, 1))
  return 0.5 + (Math.sign(best.edge) * difference) / 2
}
