/**
 * A mixnet without machines: layers of nodes that delay each packet exponentially. Nodes hold any number of packets, so
 * none waits for another, and every packet's way can be computed at once; the moments are those of the network.
 * One seed gives one trace, on every machine with the same JavaScript engine.
 */
import { type ClientPacket, HopBuilder, type MixTrace, type TraceNode } from '../analysis/index.ts'
import { checkParameters, type SimParameters } from './parameters.ts'
import { exponential, stream, weighted } from './random.ts'
import { trafficOf } from './traffic.ts'

/** Streams of draws; those of clients have even numbers. */
const PATHS = 1
const DELAYS = 3
const POLLS = 5

export interface SimOptions {
  /** For a negative control: what a node does with the delay that it was told, milliseconds. */
  readonly misdelay?: (delayMs: number) => number
  /** Weight of each node; default 1. */
  readonly weights?: readonly number[]
  /** For a negative control: paths are chosen by these weights instead of those that the trace claims. */
  readonly biased?: readonly number[]
}

interface Delivery {
  readonly client: number
  readonly atUs: number
  readonly kind: ClientPacket['kind']
  readonly hop: number
}

/** @throws AivError `E_USAGE` when it cannot be simulated */
export function simulate(parameters: SimParameters, options: SimOptions = {}): MixTrace {
  checkParameters(parameters)
  const { layers, meanDelayMs, clients } = parameters
  const nodes = nodesOf(parameters, options)
  const choices = layersOf(nodes, options.biased ?? nodes.map(({ weight }) => weight as number), layers)
  const [paths, delays] = [stream(parameters.seed, PATHS), stream(parameters.seed, DELAYS)]
  const hops = new HopBuilder()
  const sends: ClientPacket[] = []
  const deliveries: Delivery[] = []
  for (const { client, atMs, kind, to } of trafficOf(parameters)) {
    const atUs = Math.round(atMs * 1000)
    sends.push({ client, atUs, kind, hop: hops.count })
    let [at, hop] = [atUs, -1]
    for (const { members, cumulative } of choices) {
      const node = members[weighted(paths, cumulative)] as number
      const delayMs = exponential(delays, meanDelayMs)
      // A packet never leaves in the microsecond in which it came.
      const outUs = at + Math.max(1, Math.round((options.misdelay?.(delayMs) ?? delayMs) * 1000))
      hop = hops.add(node, at, outUs, hop)
      at = outUs
    }
    if (to >= 0) deliveries.push({ client: to, atUs: at, kind, hop })
  }
  const receives = parameters.cover === 'loopix' ? polled(deliveries, parameters) : deliveries
  const names = Array.from({ length: clients }, (_, i) => `client-${i + 1}`)
  return { nodes, clients: names, meanDelayUs: meanDelayMs * 1000, hops: hops.build(), sends, receives }
}

function nodesOf({ nodes, layers }: SimParameters, { weights }: SimOptions): TraceNode[] {
  return Array.from({ length: nodes }, (_, i) => ({
    id: `mix-${i + 1}`,
    layer: i % layers,
    weight: weights?.[i] ?? 1,
  }))
}

function layersOf(
  nodes: readonly TraceNode[],
  weights: readonly number[],
  layers: number,
): { readonly members: readonly number[]; readonly cumulative: readonly number[] }[] {
  return Array.from({ length: layers }, (_, layer) => {
    const members = nodes.flatMap((node, i) => (node.layer === layer ? [i] : []))
    let sum = 0
    return { members, cumulative: members.map((node) => (sum += weights[node] as number)) }
  })
}

/** What is fetched from a provider: one packet at each poll, padding when nothing is there, at a constant rate. */
function polled(deliveries: readonly Delivery[], parameters: SimParameters): Delivery[] {
  const { clients, rate, loopRate, durationMs, seed } = parameters
  const boxes = Array.from({ length: clients }, (): Delivery[] => [])
  for (const delivery of deliveries) boxes[delivery.client]?.push(delivery)
  const random = stream(seed, POLLS)
  // As often as it may send: what one client may send in the mean, another can fetch.
  const gapUs = 1e6 / (rate + loopRate)
  return boxes.flatMap((box, client) => {
    box.sort((a, b) => a.atUs - b.atUs)
    const fetched: Delivery[] = []
    let next = 0
    const phase = (random.uint32() / 2 ** 32) * gapUs
    for (let atUs = phase; atUs < durationMs * 1000; atUs += gapUs) {
      const waiting = box[next]
      const isThere = waiting !== undefined && waiting.atUs <= atUs
      if (isThere) next++
      fetched.push({
        client,
        atUs: Math.round(atUs),
        kind: isThere ? waiting.kind : 'drop',
        hop: isThere ? waiting.hop : -1,
      })
    }
    return fetched
  })
}
