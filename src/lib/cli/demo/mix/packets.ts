/** Sphinx packets over three hops, in both formats. */
import { type DemoCheck, equal, utf8 } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { decodePayload, encodePayload, nodeIdOf, parseRecipient } from '../../../mix/index.ts'
import {
  createPacket,
  createSurb,
  type Geometry,
  MixKey,
  makeGeometry,
  openSurbReply,
  PACKET_FORMATS,
  type PathHop,
  packetFromSurb,
  type RoutingCommand,
  SURB_ID_BYTES,
  type Unwrapped,
  unwrap,
} from '../../../sphinx/index.ts'

const HOPS = 3
const DELAY_MS = 33
const MESSAGE = utf8('nobody knows who wrote this')
const RECIPIENT: RoutingCommand = { type: 'recipient', id: parseRecipient('alice') }

interface Route {
  readonly geometry: Geometry
  readonly keys: readonly MixKey[]
}

function newRoute(format: Geometry['format']): Route {
  return { geometry: makeGeometry({ format }), keys: Array.from({ length: HOPS }, () => MixKey.generate()) }
}

function pathOf({ keys }: Route, last: readonly RoutingCommand[]): PathHop[] {
  return keys.map(({ publicKey }, i) => ({
    id: nodeIdOf(publicKey),
    publicKey,
    commands: i < keys.length - 1 ? [{ type: 'delay', ms: DELAY_MS }] : last,
  }))
}

interface Travel {
  readonly end: Unwrapped
  /** Hops that sent it on, each to the right one and after the right delay. */
  readonly forwarded: number
  /** All packets on the way had one length, and no two had 16 bytes in common. */
  readonly looksFresh: boolean
}

function travel({ geometry, keys }: Route, first: Uint8Array): Travel {
  const seen = new Set<string>()
  let packet = first
  let looksFresh = true
  for (const [i, key] of keys.entries()) {
    looksFresh &&= packet.length === geometry.packetBytes && isFresh(seen, packet)
    const unwrapped = unwrap(geometry, key, packet)
    if (unwrapped.kind !== 'forward') return { end: unwrapped, forwarded: i, looksFresh }
    const next = keys[i + 1]
    const isRight = next !== undefined && equal(unwrapped.next, nodeIdOf(next.publicKey))
    if (!isRight || unwrapped.delayMs !== DELAY_MS) return { end: unwrapped, forwarded: i, looksFresh }
    packet = unwrapped.packet
  }
  return { end: { kind: 'drop', reason: 'unexpected_commands' }, forwarded: keys.length, looksFresh }
}

const PIECE_BYTES = 16

function isFresh(seen: Set<string>, packet: Uint8Array): boolean {
  let fresh = true
  for (let at = 0; at + PIECE_BYTES <= packet.length; at += PIECE_BYTES) {
    const piece = packet.subarray(at, at + PIECE_BYTES).join()
    fresh &&= !seen.has(piece)
    seen.add(piece)
  }
  return fresh
}

/** Header, SURB and payload that Katzenpost's geometry gives packets of 2048 bytes, by the number of hops. */
const PUBLISHED_SIZES: readonly (readonly [hops: number, header: number, surb: number, payload: number])[] = [
  [3, 312, 408, 1704],
  [4, 394, 490, 1622],
  [5, 476, 572, 1540],
]

export function showSizes(): DemoCheck {
  const same = PUBLISHED_SIZES.filter(([hops, header, surb, payload]) => {
    const { headerBytes, surbBytes, payloadBytes } = makeGeometry({ format: 'nike', hops })
    return headerBytes === header && surbBytes === surb && payloadBytes === payload
  })
  return {
    name: 'packets have the sizes of Katzenpost for paths of 3, 4 and 5 hops',
    passed: same.length === PUBLISHED_SIZES.length,
    detail: `${same.length} of ${PUBLISHED_SIZES.length}`,
  }
}

export function showForward(): DemoCheck {
  const arrived = PACKET_FORMATS.filter((format) => {
    const route = newRoute(format)
    const { geometry } = route
    const payload = encodePayload(geometry, { body: MESSAGE })
    const packet = createPacket(geometry, pathOf(route, [RECIPIENT]), payload, systemRandom)
    const { end, forwarded, looksFresh } = travel(route, packet)
    if (end.kind !== 'deliver' || forwarded !== HOPS - 1 || !looksFresh) return false
    const body = decodePayload(geometry, end.payload)?.body
    return body !== undefined && equal(body, MESSAGE)
  })
  return {
    name: 'a packet crosses three hops, looks new at each, and gives its receiver what was sent',
    passed: arrived.length === PACKET_FORMATS.length,
    detail: `${arrived.join(' and ')}, ${makeGeometry().packetBytes} bytes`,
  }
}

export function showAnswer(): DemoCheck {
  const answered = PACKET_FORMATS.filter((format) => {
    const route = newRoute(format)
    const { geometry } = route
    const surbId = systemRandom.bytes(SURB_ID_BYTES)
    const { surb, keys } = createSurb(
      geometry,
      pathOf(route, [RECIPIENT, { type: 'surb-reply', id: surbId }]),
      systemRandom,
    )
    const payload = encodePayload(geometry, { body: MESSAGE })
    const { packet } = packetFromSurb(geometry, surb, payload)
    const { end } = travel(route, packet)
    if (end.kind !== 'reply' || !equal(end.surbId, surbId)) return false
    const opened = openSurbReply(geometry, keys, end.payload)
    return (
      opened !== undefined && equal(opened, payload) && !equal(end.payload.subarray(-payload.length), payload)
    )
  })
  return {
    name: 'an answer comes back by a SURB, and only the keys of its maker read it',
    passed: answered.length === PACKET_FORMATS.length,
    detail: answered.join(' and '),
  }
}

/** One bit in each part of the packet: the header is caught at the next hop, the payload at the end of the path. */
export function showTagging(): DemoCheck {
  const caught = PACKET_FORMATS.flatMap((format) => {
    const route = newRoute(format)
    const { geometry } = route
    const { headerBytes, packetBytes } = geometry
    const payload = encodePayload(geometry, { body: MESSAGE })
    return [2, 40, headerBytes - 1, headerBytes, packetBytes - 1].map((at) => {
      const packet = createPacket(geometry, pathOf(route, [RECIPIENT]), payload, systemRandom)
      packet[at] = (packet[at] as number) ^ 1
      const { end, forwarded } = travel(route, packet)
      const reason = at < headerBytes ? 'bad_mac' : 'bad_payload_tag'
      return end.kind === 'drop' && end.reason === reason && forwarded === (at < headerBytes ? 0 : HOPS - 1)
    })
  })
  return {
    name: 'a packet with one bit changed is dropped: in its header at the next hop, in its payload at the end',
    passed: caught.length > 0 && caught.every(Boolean),
    detail: `${caught.filter(Boolean).length} of ${caught.length}`,
  }
}
