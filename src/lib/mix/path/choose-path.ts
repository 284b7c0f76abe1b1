/** A path through the layers of a directory, chosen by the output of a VRF (or by 64 random bytes). */
import { AivError, utf8 } from '../../core/index.ts'
import { sha512, VRF_OUTPUT_BYTES } from '../../crypto/index.ts'
import { type MixDirectory, type MixNode, mixesPackets, mixKeyOf } from '../directory/document.ts'
import { DEFAULT_CONSTRAINTS, mayShareAPath, type PathConstraint } from './constraints.ts'
import { chooseByHash, WeightedTable } from './selection.ts'

export interface PathOptions {
  /** Mixes in the path; the layers of the directory unless given, never more. */
  readonly hops?: number | undefined
  /** What no two nodes share; families and autonomous systems unless given. */
  readonly constraints?: readonly PathConstraint[] | undefined
  /** Nodes that the path meets anyway, such as the providers of both sides. */
  readonly besides?: readonly MixNode[] | undefined
}

/**
 * One node of each layer, by weight.
 * @param beta 64 bytes: a VRF output for a path that will be shown, fresh random bytes for any other
 * @throws AivError `E_INPUT` when no such path is found, `E_USAGE` for an impossible length
 */
export function choosePath(
  directory: MixDirectory,
  beta: Uint8Array,
  options: PathOptions = {},
): readonly MixNode[] {
  const { hops = directory.topology.layers, constraints = DEFAULT_CONSTRAINTS, besides = [] } = options
  if (beta.length !== VRF_OUTPUT_BYTES)
    throw new AivError('E_USAGE', `a path is chosen by ${VRF_OUTPUT_BYTES} bytes`)
  if (!Number.isSafeInteger(hops) || hops < 1 || hops > directory.topology.layers)
    throw new AivError('E_USAGE', `a path here has 1 to ${directory.topology.layers} hops`)
  const layers = layersOf(directory).slice(0, hops)
  const allowed = (path: readonly MixNode[], node: MixNode): boolean =>
    [...path, ...besides].every((other) => mayShareAPath(node, other, constraints))
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const path = attemptPath(
      layers,
      attempt === 0 ? beta : sha512(beta, RESTART, Uint8Array.of(attempt)),
      allowed,
    )
    if (path !== undefined) return path
  }
  throw new AivError('E_INPUT', 'no path fits the constraints', {
    hint: 'The directory has too few operators or networks, or a layer without nodes.',
  })
}

/**
 * A choice can leave a later layer without an allowed node although another path exists; then all is drawn again from
 * `SHA-512(beta || "again" || u8(attempt))`, which a verifier can follow.
 */
const ATTEMPTS = 64
const RESTART = utf8('again')

function attemptPath(
  layers: readonly WeightedTable<MixNode>[],
  beta: Uint8Array,
  isAllowed: (path: readonly MixNode[], node: MixNode) => boolean,
): readonly MixNode[] | undefined {
  const path: MixNode[] = []
  for (const [layer, table] of layers.entries()) {
    const node = chooseByHash(table, beta, layer, (candidate) => isAllowed(path, candidate))
    if (node === undefined) return undefined
    path.push(node)
  }
  return path
}

/** By directory, because a client chooses many paths from one. */
const LAYERS = new WeakMap<MixDirectory, readonly WeightedTable<MixNode>[]>()

/** Nodes that take packets in each layer, by ascending id. */
function layersOf(directory: MixDirectory): readonly WeightedTable<MixNode>[] {
  const known = LAYERS.get(directory)
  if (known !== undefined) return known
  const layers = Array.from(
    { length: directory.topology.layers },
    (_, layer) => new WeightedTable(nodesOfLayer(directory, layer)),
  )
  LAYERS.set(directory, layers)
  return layers
}

/** Nodes that take packets in a layer, by ascending id. */
export function nodesOfLayer(directory: MixDirectory, layer: number): readonly MixNode[] {
  return directory.nodes.filter(
    (node) => mixesPackets(node) && node.layer === layer && mixKeyOf(node, directory.epoch) !== undefined,
  )
}
