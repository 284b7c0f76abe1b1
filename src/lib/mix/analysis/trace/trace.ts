/**
 * What somebody who watches every link of a mixnet sees, and what only a laboratory knows beside it: which packet that
 * went into a node came out of it again. Columns instead of objects, for a trace has millions of hops.
 */

export interface TraceNode {
  readonly id: string
  /** Layer from 0, where the network has layers. */
  readonly layer?: number
  /** How often paths should choose it, against the others of its layer. */
  readonly weight?: number
}

/** Visits of packets at nodes. */
export interface Hops {
  readonly count: number
  /** Index into the trace's nodes. */
  readonly node: Uint32Array
  /** When the packet came in, and when it left; microseconds of one clock. */
  readonly inUs: Float64Array
  readonly outUs: Float64Array
  /** The visit before and after; -1 where it came from outside, or left to a recipient. */
  readonly previous: Int32Array
  readonly next: Int32Array
}

export const PACKET_KINDS = ['real', 'loop', 'drop'] as const
export type PacketKind = (typeof PACKET_KINDS)[number]

/** A packet that a client gave to the network, or got from it. */
export interface ClientPacket {
  /** Index into the trace's clients. */
  readonly client: number
  readonly atUs: number
  readonly kind: PacketKind
  /** First visit of a packet sent, last visit of one received; -1 when it touched no node that was watched. */
  readonly hop: number
}

export interface MixTrace {
  readonly nodes: readonly TraceNode[]
  readonly clients: readonly string[]
  /** What the nodes say that they delay a packet on average; undefined when it is not known. */
  readonly meanDelayUs: number | undefined
  readonly hops: Hops
  readonly sends: readonly ClientPacket[]
  readonly receives: readonly ClientPacket[]
}

/** A moment of a trace: a packet goes into a node, or out of it. */
export interface TraceMoments {
  /** In order of time; `2 * hop` goes in, `2 * hop + 1` goes out. */
  readonly order: Uint32Array
  /** For each of them, how many packets the node holds just before. */
  readonly held: Uint32Array
}

/** Puts all moments of a trace into order. */
export function traceMoments({ hops, nodes }: MixTrace): TraceMoments {
  const times = new Float64Array(hops.count * 2)
  for (let hop = 0; hop < hops.count; hop++) {
    times[2 * hop] = hops.inUs[hop] as number
    times[2 * hop + 1] = hops.outUs[hop] as number
  }
  const order = Uint32Array.from({ length: times.length }, (_, i) => i)
  // What leaves one node arrives at the next one in the same microsecond at the earliest: departures come first.
  order.sort((a, b) => (times[a] as number) - (times[b] as number) || (b & 1) - (a & 1) || a - b)
  const held = new Uint32Array(order.length)
  const pool = new Uint32Array(nodes.length)
  for (const [i, moment] of order.entries()) {
    const node = hops.node[moment >> 1] as number
    held[i] = pool[node] as number
    pool[node] = (pool[node] as number) + ((moment & 1) === 0 ? 1 : -1)
  }
  return { order, held }
}

export function momentUs({ inUs, outUs }: Hops, moment: number): number {
  return ((moment & 1) === 0 ? inUs : outUs)[moment >> 1] as number
}
