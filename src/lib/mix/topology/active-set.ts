/**
 * The nodes that mix in an epoch: weighted sampling without replacement by exponential keys (Efraimidis and Spirakis, 2006),
 * where each key comes from the node's own VRF, so that everybody can check it and nobody can choose it.
 */
import { compare, concat, readU64, u64, utf8 } from '../../core/index.ts'
import type { Ecvrf } from '../../crypto/index.ts'
import { type MixDirectory, type MixNode, mixesPackets } from '../directory/document.ts'
import { layerByHash } from './layers.ts'
import { negativeLogarithm } from './negative-logarithm.ts'

const TOPOLOGY_DOMAIN = 'aiv-mix-topo'

type EpochRandom = Pick<MixDirectory, 'epoch' | 'sharedRandom'>

/** `"aiv-mix-topo" || u64be(e) || R_e` */
function topologyInput({ epoch, sharedRandom }: EpochRandom): Uint8Array {
  return concat(utf8(TOPOLOGY_DOMAIN), u64(epoch), sharedRandom)
}

/**
 * A node's proof for the topology of an epoch.
 * @param seed of its VRF key, 32 bytes
 */
export function proveTopology(ecvrf: Ecvrf, epoch: EpochRandom, seed: Uint8Array): Uint8Array {
  return ecvrf.prove('tai', seed, topologyInput(epoch))
}

/** Whether a node's proof for the topology of an epoch holds. */
export function verifyTopologyProof(
  ecvrf: Ecvrf,
  epoch: EpochRandom,
  { vrfKey }: Pick<MixNode, 'vrfKey'>,
  proof: Uint8Array,
): boolean {
  return ecvrf.verify('tai', vrfKey, topologyInput(epoch), proof) !== undefined
}

/** A node with what its VRF gave for the epoch. */
export interface Drawn {
  readonly id: Uint8Array
  /** A whole number from 1. */
  readonly weight: number
  /** VRF output, 64 bytes. */
  readonly beta: Uint8Array
}

/**
 * The `count` nodes with the smallest `-ln(U) / weight`, U being the first 64 bits of beta; all when there are fewer. Whole
 * numbers only, so that no two machines disagree.
 */
export function activeSet<T extends Drawn>(drawn: readonly T[], count: number): readonly T[] {
  return drawn
    .map((node) => ({
      node,
      logarithm: negativeLogarithm(readU64(node.beta, 0)),
      weight: BigInt(node.weight),
    }))
    .sort((a, b) => {
      const [left, right] = [a.logarithm * b.weight, b.logarithm * a.weight]
      return left === right ? compare(a.node.id, b.node.id) : left < right ? -1 : 1
    })
    .slice(0, count)
    .map(({ node }) => node)
}

/**
 * The nodes with the layers of this epoch. Who has shown no proof that holds does not mix: to withhold it is to stay out.
 * @param nodes with their `topologyProof`
 */
export function assignTopology(
  ecvrf: Ecvrf,
  epoch: EpochRandom,
  topology: MixDirectory['topology'],
  nodes: readonly MixNode[],
): readonly MixNode[] {
  const input = topologyInput(epoch)
  const drawn = nodes.flatMap((node) => {
    if (!mixesPackets(node) || node.topologyProof === undefined) return []
    const beta = ecvrf.verify('tai', node.vrfKey, input, node.topologyProof)
    return beta === undefined ? [] : [{ id: node.id, weight: node.weight, beta, node }]
  })
  const active = new Set(activeSet(drawn, topology.active).map(({ node }) => node))
  return nodes.map((node) => ({
    ...node,
    layer: active.has(node) ? layerByHash(epoch.sharedRandom, node.id, topology.layers) : undefined,
  }))
}

/** Why the layers of a directory are not those that the proofs give; empty when they are, or were set by hand. */
export function topologyProblems(ecvrf: Ecvrf, directory: MixDirectory): readonly string[] {
  if (directory.topology.active === 0) return []
  const right = assignTopology(ecvrf, directory, directory.topology, directory.nodes)
  const wrong = directory.nodes.filter((node, i) => node.layer !== right[i]?.layer).length
  return wrong === 0 ? [] : [`${wrong} nodes stand in a layer that their proofs do not give`]
}
