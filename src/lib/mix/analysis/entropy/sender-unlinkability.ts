/**
 * Who of two sent it (test T4): sender-receiver third-party unlinkability of Loopix (USENIX Security 2017, section 4.1).
 * Both senders are equally likely beforehand; every packet that either sends spreads its mass through the nodes, and
 * what a delivered packet holds of each says how likely each is.
 */
import type { MixTrace, TraceMoments } from '../trace/trace.ts'

export interface Unlinkability {
  /** |ln(Pr[first | output] / Pr[second | output])| of each packet judged; `Infinity` where only one can be it. */
  readonly epsilons: readonly number[]
}

/**
 * @param senders two clients, indices
 * @param fromUs real packets sent before are not judged: the nodes are still filling
 */
export function senderUnlinkability(
  trace: MixTrace,
  moments: TraceMoments,
  senders: readonly [number, number],
  fromUs: number,
): Unlinkability {
  const { hops } = trace
  const judged = new Set<number>()
  const carried = [new Float64Array(hops.count), new Float64Array(hops.count)] as const
  for (const { client, kind, hop, atUs } of trace.sends) {
    const side = senders.indexOf(client)
    if (side === -1 || hop < 0) continue
    ;(carried[side] as Float64Array)[hop] = 1
    if (kind === 'real' && atUs >= fromUs) judged.add(lastVisit(trace, hop))
  }
  const epsilons: number[] = []
  spread(trace, moments, carried, (hop, first, second) => {
    if (judged.has(hop)) epsilons.push(Math.abs(Math.log(first / second)))
  })
  return { epsilons }
}

function spread(
  { hops, nodes }: MixTrace,
  { order, held }: TraceMoments,
  [first, second]: readonly [Float64Array, Float64Array],
  delivered: (hop: number, first: number, second: number) => void,
): void {
  const pools = [new Float64Array(nodes.length), new Float64Array(nodes.length)] as const
  for (let i = 0; i < order.length; i++) {
    const moment = order[i] as number
    const hop = moment >> 1
    const node = hops.node[hop] as number
    const [poolA, poolB] = [pools[0][node] as number, pools[1][node] as number]
    if ((moment & 1) === 0) {
      pools[0][node] = poolA + (first[hop] as number)
      pools[1][node] = poolB + (second[hop] as number)
      continue
    }
    const [a, b] = [poolA / (held[i] as number), poolB / (held[i] as number)]
    pools[0][node] = poolA - a
    pools[1][node] = poolB - b
    const next = hops.next[hop] as number
    if (next < 0) delivered(hop, a, b)
    else {
      first[next] = a
      second[next] = b
    }
  }
}

/** The last visit of the packet whose first one this is. */
export function lastVisit({ hops }: MixTrace, first: number): number {
  let hop = first
  for (let next = hops.next[hop] as number; next >= 0; next = hops.next[hop] as number) hop = next
  return hop
}

/** The first visit of the packet whose last one this is. */
export function firstVisit({ hops }: MixTrace, last: number): number {
  let hop = last
  for (let from = hops.previous[hop] as number; from >= 0; from = hops.previous[hop] as number) hop = from
  return hop
}
