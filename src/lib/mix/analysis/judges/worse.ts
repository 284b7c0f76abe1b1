/** Traffic made worse, for controls. */
import { HopBuilder } from '../trace/hops.ts'
import { type ClientPacket, type MixTrace, traceMoments } from '../trace/trace.ts'
import type { Observation } from './observation.ts'

/** The same packets on the same ways, had each node delayed otherwise. */
export function redelayed(trace: MixTrace, delayUs: (hop: number, honestUs: number) => number): MixTrace {
  const { hops } = trace
  const [inUs, outUs] = [hops.inUs.slice(), hops.outUs.slice()]
  for (let first = 0; first < hops.count; first++) {
    if ((hops.previous[first] as number) >= 0) continue
    let earlier = 0
    for (let hop = first; hop >= 0; hop = hops.next[hop] as number) {
      const honest = (hops.outUs[hop] as number) - (hops.inUs[hop] as number)
      inUs[hop] = (hops.inUs[hop] as number) - earlier
      outUs[hop] = (inUs[hop] as number) + delayUs(hop, honest)
      earlier = (hops.outUs[hop] as number) - (outUs[hop] as number)
    }
  }
  return { ...trace, hops: { ...hops, inUs, outUs } }
}

/** The trace as if clients had sent no cover, and fetched without it. */
export function withoutCover(trace: MixTrace): MixTrace {
  const { hops } = trace
  const kept = new HopBuilder()
  const moved = new Map<number, number>([[-1, -1]])
  const sends: ClientPacket[] = []
  for (const send of trace.sends) {
    if (send.kind !== 'real' || send.hop < 0) continue
    sends.push({ ...send, hop: kept.count })
    let previous = -1
    for (let hop = send.hop; hop >= 0; hop = hops.next[hop] as number) {
      previous = kept.add(
        hops.node[hop] as number,
        hops.inUs[hop] as number,
        hops.outUs[hop] as number,
        previous,
      )
      moved.set(hop, previous)
    }
  }
  const receives = trace.receives
    .filter(({ kind, hop }) => kind === 'real' && moved.has(hop))
    // Nobody polls: a packet reaches its recipient when the last node lets it go.
    .map((receive) => ({
      ...receive,
      hop: moved.get(receive.hop) as number,
      atUs: receive.hop < 0 ? receive.atUs : (hops.outUs[receive.hop] as number),
    }))
  return { ...trace, hops: kept.build(), sends, receives }
}

/** An observation of another trace of the same network. */
export function observedInstead(observation: Observation, trace: MixTrace): Observation {
  return { ...observation, trace, moments: traceMoments(trace) }
}
