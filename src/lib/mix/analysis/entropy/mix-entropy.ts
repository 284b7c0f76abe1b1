/** How well one node hides which of its packets is which (tests T1 and T2). */

/**
 * Anonymity of an exponential mix, bits: log2(e·λ/μ). Danezis, "The Traffic Analysis of Continuous-Time Mixes",
 * PET 2004, equation 13.
 * @param arrivalsPerS packets that come in each second
 * @param meanDelayMs mean delay, 1/μ
 */
export function exponentialMixEntropy(arrivalsPerS: number, meanDelayMs: number): number {
  return Math.log2((Math.E * arrivalsPerS * meanDelayMs) / 1000)
}

/** Packets through one node: when each came in and when it left, in one unit; the two of one packet at one index. */
export interface NodeTimes {
  readonly in: Float64Array
  readonly out: Float64Array
}

/** Which departures count: before, the node is only filling; after, it runs empty. */
export interface Window {
  readonly from: number
  readonly until: number
}

/**
 * The mean entropy, over all departures after `from`, of which arrival it was, for one who knows only the arrivals, the
 * moment and the law of the delay. This is what {@link exponentialMixEntropy} is the expectation of.
 * @param mean mean delay in the unit of the times
 */
export function arrivalEntropy(times: NodeTimes, mean: number, { from, until }: Window): number {
  // Weights e^(-age/mean) all decay alike, so their sum and the sum of w·ln w are enough.
  let [sum, logSum, last, total, count] = [0, 0, 0, 0, 0]
  walk(times, (at, isArrival) => {
    const decay = Math.exp(-(at - last) / mean)
    logSum = decay * (logSum + Math.log(decay) * sum)
    sum *= decay
    last = at
    if (isArrival) sum += 1
    else if (at >= from && at < until) {
      total += (Math.log(sum) - logSum / sum) / Math.LN2
      count++
    }
  })
  return count === 0 ? 0 : total / count
}

/**
 * The same for one who also sees how many packets the node holds, by the recursion of Loopix (USENIX Security 2017,
 * section 4.2): after l arrivals into a pool with k left over,
 * H = H2({k/(k+l), l/(k+l)}) + l/(k+l)·log2 l + k/(k+l)·H_before.
 */
export function poolEntropy(times: NodeTimes, { from, until }: Window): number {
  let [entropy, left, arrived, total, count] = [0, 0, 0, 0, 0]
  walk(times, (at, isArrival) => {
    if (isArrival) {
      arrived++
      return
    }
    entropy = mixedEntropy(left, arrived, entropy)
    left += arrived - 1
    arrived = 0
    if (at < from || at >= until) return
    total += entropy
    count++
  })
  return count === 0 ? 0 : total / count
}

function mixedEntropy(left: number, arrived: number, before: number): number {
  if (arrived === 0) return before
  const fresh = arrived / (left + arrived)
  const old = 1 - fresh
  const choice = -fresh * Math.log2(fresh) - (old > 0 ? old * Math.log2(old) : 0)
  return choice + fresh * Math.log2(arrived) + old * before
}

/** All arrivals and departures in order of time; of those at one moment the arrivals first. */
function walk(times: NodeTimes, visit: (at: number, isArrival: boolean) => void): void {
  const arrivals = times.in.toSorted()
  const departures = times.out.toSorted()
  let next = 0
  for (const at of departures) {
    while (next < arrivals.length && (arrivals[next] as number) <= at) visit(arrivals[next++] as number, true)
    visit(at, false)
  }
}

/** Bins of the law of delays are this part of the mean wide: fine enough to change the entropy by under 0.001 bit. */
const BINS_A_MEAN = 10
/** A single absurd delay must not cost memory; longer ones count as this long. */
const MOST_BINS = 1_000

/**
 * The mean entropy of which arrival a departure was, for one who knows how this very node delays: the law is taken from
 * its own delays. An honest exponential node gives {@link exponentialMixEntropy}; one with a fixed delay next to nothing.
 */
export function measuredEntropy(times: NodeTimes, { from, until }: Window): number {
  const delays = times.in.map((at, i) => (times.out[i] as number) - at)
  const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length
  const width = mean / BINS_A_MEAN
  const density = delayHistogram(delays, width)
  const arrivals = times.in.toSorted()
  let [total, count, oldest] = [0, 0, 0]
  for (const at of times.out.toSorted()) {
    while ((arrivals[oldest] as number) <= at - density.length * width) oldest++
    if (at < from || at >= until) continue
    let [sum, logSum] = [0, 0]
    for (let i = oldest; i < arrivals.length && (arrivals[i] as number) < at; i++) {
      const weight = density[Math.floor((at - (arrivals[i] as number)) / width)] as number
      if (weight === 0) continue
      sum += weight
      logSum += weight * Math.log2(weight)
    }
    total += Math.log2(sum) - logSum / sum
    count++
  }
  return count === 0 ? 0 : total / count
}

function delayHistogram(delays: Float64Array, width: number): Float64Array {
  const longest = delays.reduce((most, delay) => Math.max(most, delay), 0)
  const bins = new Float64Array(Math.min(MOST_BINS, Math.floor(longest / width) + 1))
  for (const delay of delays) {
    const bin = Math.min(bins.length - 1, Math.floor(delay / width))
    bins[bin] = (bins[bin] as number) + 1
  }
  return bins
}
