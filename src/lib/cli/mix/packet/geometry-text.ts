/** Geometries and the parts of packets for people and programs. */
import { toHex } from '../../../core/index.ts'
import { sha512t256 } from '../../../crypto/index.ts'
import {
  AD_BYTES,
  ELEMENT_BYTES,
  type Geometry,
  geometryHash,
  MAC_BYTES,
  userBytesWithSurb,
} from '../../../sphinx/index.ts'
import type { Fields } from '../../output.ts'

export function geometryDocument(geometry: Geometry): Fields {
  const { format, prf, hops } = geometry
  return {
    format,
    ...(format === 'kem' ? { prf } : {}),
    hops,
    packet_bytes: geometry.packetBytes,
    header_bytes: geometry.headerBytes,
    slot_bytes: geometry.slotBytes,
    routing_bytes: geometry.routingBytes,
    payload_bytes: geometry.payloadBytes,
    surb_bytes: geometry.surbBytes,
    user_bytes_with_surb: Math.max(0, userBytesWithSurb(geometry)),
    hash: geometryHash(geometry),
  }
}

export function geometryText(geometry: Geometry): string {
  const { format, prf, hops } = geometry
  const withSurb = userBytesWithSurb(geometry)
  return [
    `format   ${format}${format === 'kem' ? `, ${prf}` : ''}, paths of up to ${hops} hops`,
    `packet   ${geometry.packetBytes} bytes`,
    `header   ${geometry.headerBytes} bytes: ${hops} slots of ${geometry.slotBytes}`,
    `payload  ${geometry.payloadBytes} bytes; ${withSurb > 0 ? `${withSurb} beside a SURB` : 'no SURB fits'}`,
    `SURB     ${geometry.surbBytes} bytes`,
    `hash     ${toHex(geometryHash(geometry))}`,
  ].join('\n')
}

/** What everybody sees of a packet, who has no key. */
export function packetParts(geometry: Geometry, packet: Uint8Array): Fields {
  const elementAt = AD_BYTES
  const routingAt = elementAt + ELEMENT_BYTES
  const macAt = geometry.headerBytes - MAC_BYTES
  const element = packet.subarray(elementAt, routingAt)
  return {
    format: geometry.format,
    hops: geometry.hops,
    packet_bytes: packet.length,
    version: packet.subarray(0, AD_BYTES),
    group_element: element,
    replay_tag: sha512t256(element),
    routing: packet.subarray(routingAt, macAt),
    mac: packet.subarray(macAt, geometry.headerBytes),
    payload: packet.subarray(geometry.headerBytes),
  }
}

/** The first bytes are enough to recognise a part. */
const SHOWN_BYTES = 16

export function packetText(parts: Fields): string {
  return Object.entries(parts)
    .map(
      ([name, value]) =>
        `${name.replaceAll('_', ' ').padEnd(14)}${value instanceof Uint8Array ? short(value) : String(value)}`,
    )
    .join('\n')
}

function short(bytes: Uint8Array): string {
  return bytes.length <= 32
    ? toHex(bytes)
    : `${toHex(bytes.subarray(0, SHOWN_BYTES))}… (${bytes.length} bytes)`
}
