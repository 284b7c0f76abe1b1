/**
 * Whether one who sees when each client sends and when each receives can tell who talks to whom (test T5). No packet is
 * looked into; the shape of the two flows is all there is. Three scores: binned correlation, Danezis' likelihood ratio
 * ("The Traffic Analysis of Continuous-Time Mixes", PET 2004), and hits in the window where an answer is expected.
 */

import { type Roc, roc } from '../statistics/roc.ts'
import { logGamma } from '../statistics/special-functions.ts'

/** What one client sends, or receives: times in ascending order, milliseconds. */
export type Flow = Float64Array

export interface FlowPair {
  readonly sent: Flow
  /** What the one receives whom the sender talks to. */
  readonly received: Flow
}

export interface CorrelationOptions {
  /** Mean delay at each node. */
  readonly meanDelayMs: number
  readonly hops: number
  /** Observed from 0 to here. */
  readonly durationMs: number
  /** With how many receivers that it does not talk to each sender is compared, at least one. */
  readonly othersEach: number
}

export const SCORES = ['correlation', 'likelihood', 'window'] as const
export type ScoreName = (typeof SCORES)[number]

const BIN_MS = 50
/** Weight of the hypothesis that a packet came from this sender, against background of the same mean rate. */
const SHARE = 0.5
/** Erlang-k has less than 1e-6 beyond k + 15 means. */
const TAIL_MEANS = 15

/** One curve for each score over true pairs and as many false ones as asked for. */
export function correlateFlows(
  pairs: readonly FlowPair[],
  options: CorrelationOptions,
): Readonly<Record<ScoreName, Roc>> {
  const scores = scoringOf(options)
  const yes: Record<ScoreName, number[]> = { correlation: [], likelihood: [], window: [] }
  const no: Record<ScoreName, number[]> = { correlation: [], likelihood: [], window: [] }
  for (const [i, { sent }] of pairs.entries()) {
    for (let step = 0; step <= Math.min(options.othersEach, pairs.length - 1); step++) {
      const { received } = pairs[(i + step) % pairs.length] as FlowPair
      for (const name of SCORES) (step === 0 ? yes : no)[name].push(scores[name](sent, received))
    }
  }
  return {
    correlation: roc(yes.correlation, no.correlation),
    likelihood: roc(yes.likelihood, no.likelihood),
    window: roc(yes.window, no.window),
  }
}

function scoringOf(options: CorrelationOptions): Readonly<Record<ScoreName, (x: Flow, y: Flow) => number>> {
  const { meanDelayMs, hops, durationMs } = options
  const density = erlangTable(hops, meanDelayMs)
  // Where an Erlang-3 delay is with about 90 % chance.
  const [earliest, latest] = [0.27 * hops * meanDelayMs, 2.1 * hops * meanDelayMs]
  const lags = Math.ceil((2 * hops * meanDelayMs) / BIN_MS)
  const binned = new Map<Flow, Float64Array>()
  const binsOf = (flow: Flow): Float64Array => {
    const known = binned.get(flow) ?? bins(flow, durationMs)
    binned.set(flow, known)
    return known
  }
  return {
    correlation: (x, y) => bestLag(binsOf(x), binsOf(y), lags),
    likelihood: (x, y) => likelihoodRatio(x, y, density, durationMs),
    window: (x, y) => windowHits(x, y, earliest, latest),
  }
}

/** Density of Erlang-k at each whole millisecond, 1/ms. */
function erlangTable(k: number, meanMs: number): Float64Array {
  const norm = logGamma(k) + k * Math.log(meanMs)
  return Float64Array.from({ length: Math.ceil((k + TAIL_MEANS) * meanMs) }, (_, i) =>
    Math.exp((k - 1) * Math.log(i + 0.5) - (i + 0.5) / meanMs - norm),
  )
}

/** Counts in each bin, less their mean, so that products are covariances. */
function bins(flow: Flow, durationMs: number): Float64Array {
  const counts = new Float64Array(Math.max(1, Math.ceil(durationMs / BIN_MS)))
  let total = 0
  for (const at of flow) {
    const bin = Math.floor(at / BIN_MS)
    if (bin < 0 || bin >= counts.length) continue
    counts[bin] = (counts[bin] as number) + 1
    total++
  }
  const mean = total / counts.length
  for (let i = 0; i < counts.length; i++) counts[i] = (counts[i] as number) - mean
  return counts
}

/** Pearson's correlation at the lag where it is highest. */
function bestLag(x: Float64Array, y: Float64Array, lags: number): number {
  const scale = Math.sqrt(squares(x) * squares(y))
  if (scale === 0) return 0
  let best = -1
  for (let lag = 0; lag <= lags; lag++) {
    let sum = 0
    for (let i = 0; i + lag < y.length; i++) sum += (x[i] as number) * (y[i + lag] as number)
    best = Math.max(best, sum / scale)
  }
  return best
}

function squares(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value * value
  return sum
}

/** Mean over what was received of ln((c + (f*X)(y)) / r), both sides over r. */
function likelihoodRatio(x: Flow, y: Flow, density: Float64Array, durationMs: number): number {
  if (x.length === 0 || y.length === 0) return 0
  const rate = x.length / durationMs
  let first = 0
  let total = 0
  for (const at of y) {
    while (first < x.length && (x[first] as number) <= at - density.length) first++
    let expected = 0
    for (let i = first; i < x.length && (x[i] as number) <= at; i++)
      expected += density[Math.floor(at - (x[i] as number))] as number
    total += Math.log(1 - SHARE + (SHARE * expected) / rate)
  }
  return total / y.length
}

/** Share of all (sent, received) that lie in the window, over what chance would give. */
function windowHits(x: Flow, y: Flow, earliest: number, latest: number): number {
  if (x.length === 0 || y.length === 0) return 0
  let [from, to, hits] = [0, 0, 0]
  for (const at of y) {
    while (from < x.length && (x[from] as number) < at - latest) from++
    while (to < x.length && (x[to] as number) <= at - earliest) to++
    hits += Math.max(0, to - from)
  }
  return hits / (x.length * y.length)
}
