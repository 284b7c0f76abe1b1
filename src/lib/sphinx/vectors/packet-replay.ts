/** Replays a packet vector: every unwrap, then the creation of the packet and of its SURB from what the unwraps showed. */
import { concat } from '../../core/index.ts'
import { kemSecret } from '../../crypto/index.ts'
import type { RoutingCommand } from '../commands.ts'
import { AD_BYTES, ELEMENT_BYTES, NODE_ID_BYTES, SPRP_KEY_MATERIAL_BYTES } from '../constants.ts'
import type { Geometry } from '../geometry.ts'
import { assembleHeader, type HeaderHop } from '../header.ts'
import { deriveHopKeys, sprpMaterial } from '../hop-keys.ts'
import { PlainSphinxKernel } from '../kernel.ts'
import type { MixKey } from '../mix-key.ts'
import { sealPayload } from '../packet.ts'
import { openSurbReply, packetFromSurb } from '../surb.ts'
import type { PathHop, Unwrapped } from '../types.ts'
import { unwrap } from '../unwrap.ts'
import { expect, expectBytes } from './fields.ts'
import type { PacketVector } from './packet-vector.ts'

/** @throws Error naming the first difference */
export function replayUnwraps(geometry: Geometry, vector: PacketVector): void {
  vector.packets.forEach((packet, i) => {
    const unwrapped = unwrap(geometry, vector.keys[i] as MixKey, packet)
    const next = vector.path[i + 1]
    if (next === undefined) expectEnd(geometry, unwrapped, vector)
    else expectForward(unwrapped, i, vector, next)
  })
}

function expectForward(
  unwrapped: Unwrapped,
  hop: number,
  { path, packets }: PacketVector,
  next: PathHop,
): void {
  expect(unwrapped.kind === 'forward', `hop ${hop} answers ${answerOf(unwrapped)} in place of forwarding`)
  expectBytes(`the next hop of hop ${hop}`, unwrapped.next, next.id)
  expectBytes(`the packet of hop ${hop + 1}`, unwrapped.packet, packets[hop + 1] as Uint8Array)
  const delay = commandOf(path[hop], 'delay')
  expect(unwrapped.delayMs === (delay?.ms ?? 0), `the delay of hop ${hop} differs`)
}

function expectEnd(
  geometry: Geometry,
  unwrapped: Unwrapped,
  { path, payload, surbKeys }: PacketVector,
): void {
  const hop = path.at(-1)
  const recipient = commandOf(hop, 'recipient')
  expect(recipient !== undefined, 'the last hop has no recipient')
  const surbReply = commandOf(hop, 'surb-reply')
  if (surbReply === undefined) {
    expect(unwrapped.kind === 'deliver', `the last hop answers ${answerOf(unwrapped)} in place of delivering`)
    expectBytes('the recipient', unwrapped.recipient, recipient.id)
    expectBytes('the payload', unwrapped.payload, payload)
    return
  }
  expect(unwrapped.kind === 'reply', `the last hop answers ${answerOf(unwrapped)} in place of a reply`)
  expectBytes('the recipient', unwrapped.recipient, recipient.id)
  expectBytes('the id of the SURB', unwrapped.surbId, surbReply.id)
  const answer = openSurbReply(geometry, surbKeys, unwrapped.payload)
  expect(answer !== undefined, 'the keys of the SURB do not open the reply')
  expectBytes('the payload of the reply', answer, payload)
}

function answerOf(unwrapped: Unwrapped): string {
  return unwrapped.kind === 'drop' ? unwrapped.reason : unwrapped.kind
}

function commandOf<T extends RoutingCommand['type']>(
  hop: PathHop | undefined,
  type: T,
): Extract<RoutingCommand, { readonly type: T }> | undefined {
  return hop?.commands.find(
    (command): command is Extract<RoutingCommand, { readonly type: T }> => command.type === type,
  )
}

/**
 * Makes the packet again. The sender's private key is not published, but the keys of the nodes give the same secrets, and
 * the last hop sees the random bytes of the unused slots.
 */
export function replayCreation(geometry: Geometry, vector: PacketVector): void {
  const { packets, payload, surb, surbKeys } = vector
  const hops = headerHops(geometry, vector)
  const header = assembleHeader(geometry, hops, paddingOf(geometry, vector))
  const first = packets[0] as Uint8Array
  expectBytes('the header', header, first.subarray(0, geometry.headerBytes))
  if (surb.length === 0) {
    expectBytes('the packet', concat(header, sealPayload(hops, payload)), first)
    return
  }
  const payloadKey = surb.subarray(surb.length - SPRP_KEY_MATERIAL_BYTES)
  const made = concat(header, (hops[0] as HeaderHop).id, payloadKey)
  expectBytes('the SURB', made, surb)
  const materials = hops.map(({ keys }) => sprpMaterial(keys)).reverse()
  expectBytes('the keys of the SURB', concat(...materials, payloadKey), surbKeys)
  const used = packetFromSurb(geometry, surb, payload)
  expectBytes('the packet of the SURB', used.packet, first)
  expectBytes(
    'the first hop of the SURB',
    used.firstHop,
    (vector.path[0] as PathHop).id.subarray(0, NODE_ID_BYTES),
  )
}

function headerHops(geometry: Geometry, { path, keys, packets }: PacketVector): HeaderHop[] {
  return path.map(({ id, publicKey, commands }, i) => {
    const element = elementOf(packets[i] as Uint8Array)
    const dh = (keys[i] as MixKey).sharedWith(element)
    expect(dh !== undefined, `hop ${i} has an element of low order`)
    const secret = geometry.format === 'kem' ? kemSecret(geometry.prf, dh, publicKey, element) : dh
    return { id, element, commands, keys: deriveHopKeys(secret) }
  })
}

function elementOf(packet: Uint8Array): Uint8Array {
  return packet.subarray(AD_BYTES, AD_BYTES + ELEMENT_BYTES)
}

/** What stands behind the last hop's slot: random bytes of the sender, then the fillers. */
function paddingOf(geometry: Geometry, { keys, path, packets }: PacketVector): Uint8Array {
  const kernel = new PlainSphinxKernel(geometry)
  const packet = packets.at(-1) as Uint8Array
  const key = keys.at(-1) as MixKey
  kernel.packet.set(packet)
  kernel.dh.set(key.sharedWith(elementOf(packet)) ?? new Uint8Array(ELEMENT_BYTES))
  kernel.hopPublic.set(key.publicKey)
  expect(kernel.open(), 'the MAC of the last hop is wrong')
  const routingAt = AD_BYTES + ELEMENT_BYTES
  const free = (geometry.hops - path.length) * geometry.slotBytes
  return kernel.packet.slice(routingAt, routingAt + free)
}
