/** The directory that follows from elected descriptors, the random value and the proofs of the nodes. */
import { toHex } from '../../core/index.ts'
import type { Ecvrf } from '../../crypto/index.ts'
import type { DirectoryStatement } from '../directory/directory-codec.ts'
import {
  type MixDirectory,
  type MixNode,
  mixesPackets,
  type SignedDescriptor,
} from '../directory/document.ts'
import { assignTopology } from '../topology/active-set.ts'
import { layerByHash } from '../topology/layers.ts'
import type { AuthorityNetwork } from './network.ts'

type Settled = Pick<MixDirectory, 'epoch' | 'validFrom' | 'validUntil' | 'sharedRandom'>

/**
 * @param elected by ascending id
 * @param proofs by hex of the node's id
 */
export function consensusOf(
  ecvrf: Ecvrf,
  network: AuthorityNetwork,
  settled: Settled,
  elected: readonly SignedDescriptor[],
  proofs: ReadonlyMap<string, Uint8Array>,
): DirectoryStatement {
  const { geometry, parameters, topology, epochLengthS } = network
  const nodes = elected.map((node) => ({ ...node, topologyProof: proofs.get(toHex(node.id)) }))
  return {
    version: 1,
    ...settled,
    epochLengthS,
    geometry,
    parameters,
    topology,
    nodes:
      topology.active === 0
        ? nodes.map((node) => ({ ...node, layer: layerOfAll(settled, node, topology.layers) }))
        : assignTopology(ecvrf, settled, topology, nodes),
  }
}

/** Where nobody is drawn all mixes mix, in the layer of the hash. */
function layerOfAll({ sharedRandom }: Settled, node: MixNode, layers: number): number | undefined {
  return mixesPackets(node) ? layerByHash(sharedRandom, node.id, layers) : undefined
}
