/** The form of Katzenpost's packet vectors: nodes with their private keys, the path, the packet as each hop sees it. */
import { concat } from '../../core/index.ts'
import type { KemPrf } from '../../crypto/index.ts'
import { decodeCommands, type RoutingCommand } from '../commands.ts'
import {
  AD_BYTES,
  COMMANDS_BYTES,
  ELEMENT_BYTES,
  MAC_BYTES,
  NODE_ID_BYTES,
  PAYLOAD_TAG_BYTES,
} from '../constants.ts'
import { type Geometry, makeGeometry, type PacketFormat } from '../geometry.ts'
import { MixKey } from '../mix-key.ts'
import type { PathHop } from '../types.ts'
import { bytes, expect, expectBytes, hex, list, type Vector, vectors } from './fields.ts'

export interface PacketVector {
  readonly keys: readonly MixKey[]
  readonly path: readonly PathHop[]
  /** As each hop gets it. */
  readonly packets: readonly Uint8Array[]
  readonly payload: Uint8Array
  /** Empty where the packet was made without one. */
  readonly surb: Uint8Array
  readonly surbKeys: Uint8Array
}

/** @throws Error naming what is wrong with the vector */
export function parsePacketVector(vector: Vector): PacketVector {
  const nodes = vectors(vector, 'Nodes')
  const keys = nodes.map((node) => MixKey.fromPrivate(bytes(node, 'PrivateKey', ELEMENT_BYTES)))
  const path = vectors(vector, 'Path').map(parseHop)
  expect(path.length > 0 && path.length === nodes.length, 'nodes and path do not go together')
  path.forEach(({ id, publicKey }, i) => {
    expectBytes(`the id of hop ${i}`, id, bytes(nodes[i] as Vector, 'ID', NODE_ID_BYTES))
    expectBytes(`the public key of hop ${i}`, (keys[i] as MixKey).publicKey, publicKey)
  })
  // The list ends with an empty entry for what leaves the last hop.
  const packets = list(vector, 'Packets').map((packet, i) => hex(packet, `packet ${i}`))
  expect(packets.length === path.length + 1 && packets.at(-1)?.length === 0, 'there is not one packet a hop')
  return {
    keys,
    path,
    packets: packets.slice(0, -1),
    payload: bytes(vector, 'Payload'),
    surb: bytes(vector, 'Surb'),
    surbKeys: bytes(vector, 'SurbKeys'),
  }
}

function parseHop(hop: Vector): PathHop {
  const encoded = list(hop, 'Commands').map((command) => hex(command, 'a command'))
  const commands: RoutingCommand[] | undefined = decodeCommands(concat(...encoded))
  expect(commands !== undefined, 'the commands of a hop are malformed')
  return { id: bytes(hop, 'ID', NODE_ID_BYTES), publicKey: bytes(hop, 'PublicKey', ELEMENT_BYTES), commands }
}

/** The geometry that follows from the sizes of the packet and its payload. */
export function geometryOf({ packets, payload }: PacketVector, format: PacketFormat, prf: KemPrf): Geometry {
  const packetBytes = packets[0]?.length ?? 0
  const fixed = AD_BYTES + ELEMENT_BYTES + MAC_BYTES + PAYLOAD_TAG_BYTES + payload.length
  const slotBytes = COMMANDS_BYTES + (format === 'kem' ? ELEMENT_BYTES : 0)
  return makeGeometry({ format, prf, hops: (packetBytes - fixed) / slotBytes, packetBytes })
}
