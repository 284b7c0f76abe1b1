/** The layers of a directory, for people and as JSON. */
import { toHex } from '../../../core/index.ts'
import { type MixDirectory, type MixNode, nodesOfLayer } from '../../../mix/index.ts'
import type { Fields } from '../../output.ts'

function layersOf(directory: MixDirectory): readonly (readonly MixNode[])[] {
  return Array.from({ length: directory.topology.layers }, (_, layer) => nodesOfLayer(directory, layer))
}

/** Part of the traffic of a layer that a node gets, before constraints. */
function shareOf(node: MixNode, layer: readonly MixNode[]): number {
  return node.weight / layer.reduce((sum, { weight }) => sum + weight, 0)
}

export function layerFields(directory: MixDirectory): readonly (readonly Fields[])[] {
  return layersOf(directory).map((layer) =>
    layer.map((node) => ({ id: node.id, weight: node.weight, share: shareOf(node, layer) })),
  )
}

export function topologyText(directory: MixDirectory, problems: readonly string[]): string {
  const lines = layersOf(directory).flatMap((layer, i) => [
    `layer ${i}, ${layer.length} nodes`,
    ...layer.map((node) => `  ${toHex(node.id)}  ${(100 * shareOf(node, layer)).toFixed(1).padStart(5)} %`),
  ])
  return [...lines, ...problems.map((problem) => `not valid: ${problem}`)].join('\n')
}
