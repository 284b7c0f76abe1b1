/** Directories and paths for people, and as JSON. */
import { type CborMap, toHex } from '../../../core/index.ts'
import { directoryDocument, directoryHash, type MixDirectory, type MixNode } from '../../../mix/index.ts'
import type { Fields } from '../../output.ts'

const time = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
const milliseconds = (us: number): string => (us === 0 ? 'off' : `${us / 1000} ms`)

/** What the file says, the hash that names it, and the ids that follow from keys. */
export function directoryFields(directory: MixDirectory): Fields {
  const { nodes, ...rest } = directoryDocument(directory)
  return {
    hash: directoryHash(directory),
    ...rest,
    nodes: (nodes as readonly CborMap[]).map((node, i) => ({ id: directory.nodes[i]?.id, ...node })),
  }
}

export function directoryText(directory: MixDirectory): string {
  const { geometry, parameters, topology, nodes } = directory
  return [
    `epoch       ${directory.epoch}, ${directory.epochLengthS} s long`,
    `valid       ${time(directory.validFrom)} to ${time(directory.validUntil)}`,
    `packets     ${geometry.format}, ${geometry.packetBytes} bytes, up to ${geometry.hops} hops`,
    `mean times  hop ${milliseconds(parameters.hopDelayUs)}, packets ${milliseconds(parameters.payloadUs)}, ` +
      `loops ${milliseconds(parameters.loopUs)}, drops ${milliseconds(parameters.dropUs)}, ` +
      `loops of nodes ${milliseconds(parameters.mixLoopUs)}`,
    `layers      ${topology.layers}, ${topology.active === 0 ? 'set by hand' : `${topology.active} nodes drawn`}`,
    `signatures  ${directory.signatures.length}`,
    `hash        ${toHex(directoryHash(directory))}`,
    'id                layer  weight  role      family  address',
    ...nodes.map(nodeLine),
  ].join('\n')
}

function nodeLine(node: MixNode): string {
  return [
    toHex(node.id.subarray(0, 8)),
    String(node.layer ?? '-').padEnd(5),
    String(node.weight).padEnd(6),
    node.role.padEnd(8),
    (node.family ?? '-').padEnd(6),
    node.addresses[0],
  ].join('  ')
}
