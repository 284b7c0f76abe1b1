/** Creation of packets. */
import { AivError, concat, type RandomSource } from '../core/index.ts'
import { aez5Encrypt, erase } from '../crypto/index.ts'
import { PAYLOAD_TAG_BYTES } from './constants.ts'
import type { Geometry } from './geometry.ts'
import { assembleHeader, type HeaderHop } from './header.ts'
import { deriveTau } from './hop-keys.ts'
import { agreeWithHops, eraseAgreed } from './hop-secrets.ts'
import { checkPath } from './path.ts'
import type { PathHop } from './types.ts'

/**
 * A packet that only the hops of `path` can unwrap, in that order.
 * @param payload exactly `geometry.payloadBytes`
 * @param random the system's, unless a simulation repeats itself
 * @throws AivError `E_INPUT` when path or payload do not fit the geometry; `E_CRYPTO` when a hop's key is of low order
 */
export function createPacket(
  geometry: Geometry,
  path: readonly PathHop[],
  payload: Uint8Array,
  random: RandomSource,
): Uint8Array {
  const { packet, taus } = createTracedPacket(geometry, path, payload, random)
  erase(...taus)
  return packet
}

export interface TracedPacket {
  readonly packet: Uint8Array
  /** For each hop the value of which a node that chooses delays makes its own. Secrets: whoever has them can find the packet in the node's log. */
  readonly taus: readonly Uint8Array[]
}

/** As {@link createPacket}, for packets whose delays the sender will audit. */
export function createTracedPacket(
  geometry: Geometry,
  path: readonly PathHop[],
  payload: Uint8Array,
  random: RandomSource,
): TracedPacket {
  checkPath(geometry, path, 'deliver')
  checkPayload(geometry, payload)
  const hops = agreeWithHops(geometry, path, random)
  const header = assembleHeader(geometry, hops, freePadding(geometry, path.length, random))
  const packet = concat(header, sealPayload(hops, payload))
  const taus = hops.map(({ secret }) => deriveTau(secret))
  eraseAgreed(hops)
  return { packet, taus }
}

/** @throws AivError `E_INPUT` */
export function checkPayload({ payloadBytes }: Geometry, payload: Uint8Array): void {
  if (payload.length !== payloadBytes)
    throw new AivError(
      'E_INPUT',
      `the payload has ${payload.length} bytes, these packets carry ${payloadBytes}`,
    )
}

/** Random bytes for the slots that a path leaves free. */
export function freePadding({ hops, slotBytes }: Geometry, used: number, random: RandomSource): Uint8Array {
  return random.bytes((hops - used) * slotBytes)
}

/** Puts the tag before the payload, and on both a layer for each hop. */
export function sealPayload(hops: readonly HeaderHop[], payload: Uint8Array): Uint8Array {
  let body: Uint8Array = concat(new Uint8Array(PAYLOAD_TAG_BYTES), payload)
  for (const { keys } of hops.toReversed()) {
    const sealed = aez5Encrypt(keys.sprpKey, keys.iv, body)
    erase(body)
    body = sealed
  }
  return body
}
