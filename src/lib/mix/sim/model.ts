/** What a network of a given size and traffic should give, by simulation. */
import { HopBuilder, type MixTrace, type Observation, observe, targetEntropies } from '../analysis/index.ts'
import { exponential, poissonTimes, stream } from './random.ts'

const TARGETS = 200
/** Packets of the model: enough for the mean entropy to be good to 0.05 bit. */
const PACKETS_MOST = 100_000
const LAYERS_MOST = 64

/**
 * Entropy of one packet end to end, bits, in a network like the one that was observed: as many nodes, the same packets a
 * second, ways of the same length, exponential delays with the mean that the nodes claim.
 */
export function modelEntropy({ trace, meanUs, fromUs, untilUs }: Observation, seed: number): number {
  const { hops, nodes } = trace
  let entries = 0
  let visits = 0
  for (let hop = 0; hop < hops.count; hop++) {
    const at = hops.inUs[hop] as number
    if (at < fromUs || at >= untilUs) continue
    visits++
    if (hops.previous[hop] === -1) entries++
  }
  const layers = Math.min(LAYERS_MOST, Math.max(1, Math.round(visits / Math.max(1, entries))))
  const gapUs = (untilUs - fromUs) / Math.max(1, entries)
  const durationUs = Math.min(300 * meanUs, Math.max(80 * meanUs, PACKETS_MOST * gapUs))
  const model = layered({ nodes: nodes.length, layers, gapUs, meanUs, durationUs, seed })
  const observation = observe(model)
  return targetEntropies(observation, observation.fromUs, TARGETS).mean
}

interface Layered {
  readonly nodes: number
  readonly layers: number
  readonly gapUs: number
  readonly meanUs: number
  readonly durationUs: number
  readonly seed: number
}

function layered({ nodes, layers, gapUs, meanUs, durationUs, seed }: Layered): MixTrace {
  const random = stream(seed, 11)
  const hops = new HopBuilder()
  const members = Array.from({ length: layers }, (_, layer) =>
    Array.from({ length: nodes }, (_, node) => node).filter((node) => node % layers === layer),
  )
  for (const start of poissonTimes(random, gapUs, 0, durationUs)) {
    let [at, hop] = [Math.round(start), -1]
    for (const layer of members) {
      const node = layer.length === 0 ? random.below(nodes) : (layer[random.below(layer.length)] as number)
      const outUs = at + Math.max(1, Math.round(exponential(random, meanUs)))
      hop = hops.add(node, at, outUs, hop)
      at = outUs
    }
  }
  const names = Array.from({ length: nodes }, (_, i) => ({ id: `mix-${i + 1}` }))
  return { nodes: names, clients: [], meanDelayUs: meanUs, hops: hops.build(), sends: [], receives: [] }
}
