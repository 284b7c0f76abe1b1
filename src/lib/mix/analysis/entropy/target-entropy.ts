/**
 * How many packets at the far end one packet may be (test T3), after the method of Loopix and MiXiM: the packet that is
 * followed has mass 1; one that leaves an honest node with n packets in it carries the n-th part of the mass in there.
 */
import { type MixTrace, momentUs, type TraceMoments } from '../trace/trace.ts'

export interface MassOptions {
  readonly trace: MixTrace
  readonly moments: TraceMoments
  /** Nodes that tell the adversary which packet is which; indices. */
  readonly corrupt?: ReadonlySet<number>
}

/** What is still inside after so little is left may be left out: it changes the entropy by less than 1e-3 bit. */
const MASS_LEAST = 1e-6

/**
 * Entropy, bits, of which delivered packet the one is that came in by visit `first`; undefined when the trace ends
 * before its mass is out.
 * @param start index of a moment not after that visit
 */
export function targetEntropy(options: MassOptions, first: number, start: number): number | undefined {
  const { trace, moments, corrupt } = options
  const { hops } = trace
  const pool = new Float64Array(trace.nodes.length)
  const carried = new Map<number, number>([[first, 1]])
  let inside = 1
  let entropy = 0
  for (let i = start; i < moments.order.length; i++) {
    const moment = moments.order[i] as number
    const hop = moment >> 1
    const node = hops.node[hop] as number
    if ((moment & 1) === 0) {
      const mass = carried.get(hop)
      if (mass === undefined || corrupt?.has(node) === true) continue
      pool[node] = (pool[node] as number) + mass
      carried.delete(hop)
      continue
    }
    const mass =
      corrupt?.has(node) === true ? take(carried, hop) : share(pool, node, moments.held[i] as number)
    if (mass === 0) continue
    const next = hops.next[hop] as number
    if (next >= 0) {
      carried.set(next, mass)
      continue
    }
    entropy -= mass * Math.log2(mass)
    inside -= mass
    if (inside < MASS_LEAST) return entropy
  }
  return undefined
}

function take(carried: Map<number, number>, hop: number): number {
  const mass = carried.get(hop) ?? 0
  carried.delete(hop)
  return mass
}

function share(pool: Float64Array, node: number, held: number): number {
  const mass = (pool[node] as number) / held
  pool[node] = (pool[node] as number) - mass
  return mass
}

export interface TargetEntropies {
  /** One for each packet that was followed to its end. */
  readonly bits: readonly number[]
  readonly mean: number
}

/**
 * Follows up to `targets` packets that came in from outside, evenly over the trace after `fromUs`.
 * @returns a mean of `NaN` when none could be followed
 */
export function targetEntropies(options: MassOptions, fromUs: number, targets: number): TargetEntropies {
  const { trace, moments } = options
  const starts = [...moments.order.entries()].filter(
    ([, moment]) =>
      (moment & 1) === 0 && trace.hops.previous[moment >> 1] === -1 && momentUs(trace.hops, moment) >= fromUs,
  )
  const stride = Math.max(1, Math.floor(starts.length / targets))
  const bits: number[] = []
  for (let i = 0; i < starts.length && bits.length < targets; i += stride) {
    const [start, moment] = starts[i] as [number, number]
    const entropy = targetEntropy(options, moment >> 1, start)
    // The trace ended: so it will for all that come later.
    if (entropy === undefined) break
    bits.push(entropy)
  }
  return { bits, mean: bits.reduce((sum, value) => sum + value, 0) / bits.length }
}
