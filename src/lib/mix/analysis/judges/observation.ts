/** A trace prepared for its judges. */
import { AivError } from '../../../core/index.ts'
import type { NodeTimes } from '../entropy/mix-entropy.ts'
import { type MixTrace, type TraceMoments, traceMoments } from '../trace/trace.ts'

export interface Observation {
  readonly trace: MixTrace
  readonly moments: TraceMoments
  readonly meanUs: number
  /** Delays up to here are not judged. */
  readonly floorUs: number
  /** From here the nodes are full; until here nothing that is judged is cut off by the end of the trace. */
  readonly fromUs: number
  readonly untilUs: number
}

export interface ObserveOptions {
  /** Overrides what the trace says. */
  readonly meanDelayUs?: number
  readonly floorUs?: number
}

const WARM_UP_MEANS = 10
/** A packet over three hops takes longer than this with a chance below 1e-7. */
const SETTLE_MEANS = 25

/** @throws AivError `E_INPUT` when the trace is too short, or does not say how long nodes delay */
export function observe(trace: MixTrace, options: ObserveOptions = {}): Observation {
  const meanUs = options.meanDelayUs ?? trace.meanDelayUs
  if (meanUs === undefined || !(meanUs > 0))
    throw new AivError('E_INPUT', 'the trace does not say how long nodes delay on average', {
      hint: 'Give --mean-delay, such as 33ms.',
    })
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const at of trace.hops.inUs) {
    first = Math.min(first, at)
    last = Math.max(last, at)
  }
  const [fromUs, untilUs] = [first + WARM_UP_MEANS * meanUs, last - SETTLE_MEANS * meanUs]
  if (!(fromUs < untilUs))
    throw new AivError('E_INPUT', 'the trace is too short to judge', {
      hint: `It must cover more than ${WARM_UP_MEANS + SETTLE_MEANS} mean delays.`,
    })
  return { trace, moments: traceMoments(trace), meanUs, floorUs: options.floorUs ?? 0, fromUs, untilUs }
}

/** Visits of each node that began before `untilUs`, at most `most` of each. */
export function timesByNode(
  { hops, nodes }: MixTrace,
  { order }: TraceMoments,
  most: number,
): readonly NodeTimes[] {
  const visits = nodes.map((): number[] => [])
  for (const moment of order) {
    const of = visits[hops.node[moment >> 1] as number]
    if ((moment & 1) === 0 && of !== undefined && of.length < most) of.push(moment >> 1)
  }
  return visits.map((list) => ({
    in: Float64Array.from(list, (hop) => hops.inUs[hop] as number),
    out: Float64Array.from(list, (hop) => hops.outUs[hop] as number),
  }))
}
