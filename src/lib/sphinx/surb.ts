/** Single-use reply blocks: a header made in advance by the one who wants the answer. */
import { AivError, concat, isAllZero, type RandomSource } from '../core/index.ts'
import { aez5Decrypt, aez5Encrypt, erase } from '../crypto/index.ts'
import { NODE_ID_BYTES, PAYLOAD_TAG_BYTES, SPRP_KEY_BYTES, SPRP_KEY_MATERIAL_BYTES } from './constants.ts'
import type { Geometry } from './geometry.ts'
import { assembleHeader } from './header.ts'
import { sprpMaterial } from './hop-keys.ts'
import { agreeWithHops, eraseAgreed } from './hop-secrets.ts'
import { checkPayload, freePadding } from './packet.ts'
import { checkPath } from './path.ts'
import type { PathHop } from './types.ts'

export interface CreatedSurb {
  /** For the one who answers: header, id of the first hop, key of the payload. */
  readonly surb: Uint8Array
  /** What its maker keeps to read the answer: 64 bytes for each hop and 64 more. Used once, then erased. */
  readonly keys: Uint8Array
}

/**
 * @param path back to its maker; the last hop's commands are the maker's mailbox and the SURB's id
 * @throws AivError `E_INPUT` when the path does not fit; `E_CRYPTO` when a hop's key is of low order
 */
export function createSurb(geometry: Geometry, path: readonly PathHop[], random: RandomSource): CreatedSurb {
  checkPath(geometry, path, 'reply')
  const hops = agreeWithHops(geometry, path, random)
  const header = assembleHeader(geometry, hops, freePadding(geometry, path.length, random))
  const payloadKey = random.bytes(SPRP_KEY_MATERIAL_BYTES)
  const materials = hops.map(({ keys }) => sprpMaterial(keys)).reverse()
  const surb = concat(header, (hops[0] as (typeof hops)[number]).id, payloadKey)
  const keys = concat(...materials, payloadKey)
  eraseAgreed(hops)
  erase(payloadKey, ...materials)
  return { surb, keys }
}

/**
 * The answer to whoever made the SURB. A SURB is good for one packet: nodes drop the second one as a replay.
 * @param payload exactly `geometry.payloadBytes`
 * @throws AivError `E_INPUT` when SURB or payload have another length
 */
export function packetFromSurb(
  geometry: Geometry,
  surb: Uint8Array,
  payload: Uint8Array,
): { readonly packet: Uint8Array; readonly firstHop: Uint8Array } {
  const { surbBytes, headerBytes } = geometry
  if (surb.length !== surbBytes)
    throw new AivError(
      'E_INPUT',
      `the SURB has ${surb.length} bytes, those of these packets have ${surbBytes}`,
    )
  checkPayload(geometry, payload)
  const keyAt = headerBytes + NODE_ID_BYTES
  const body = concat(new Uint8Array(PAYLOAD_TAG_BYTES), payload)
  const sealed = aez5Encrypt(
    surb.subarray(keyAt, keyAt + SPRP_KEY_BYTES),
    surb.subarray(keyAt + SPRP_KEY_BYTES),
    body,
  )
  erase(body)
  return { packet: concat(surb.subarray(0, headerBytes), sealed), firstHop: surb.slice(headerBytes, keyAt) }
}

/**
 * Reads the answer to a SURB.
 * @param keys as {@link createSurb} gave them
 * @param payload as the last hop handed it over, with its tag
 * @returns undefined when it is no answer to this SURB, or was touched on its way
 * @throws AivError `E_INPUT` when `keys` are of no SURB of this geometry
 */
export function openSurbReply(
  { hops, payloadBytes }: Geometry,
  keys: Uint8Array,
  payload: Uint8Array,
): Uint8Array | undefined {
  const count = keys.length / SPRP_KEY_MATERIAL_BYTES
  if (!Number.isInteger(count) || count < 2 || count > hops + 1)
    throw new AivError('E_INPUT', 'these are no keys of a SURB for these packets')
  if (payload.length !== PAYLOAD_TAG_BYTES + payloadBytes) return undefined
  let body = payload
  for (let i = 0; i < count; i++) {
    const material = keys.subarray(i * SPRP_KEY_MATERIAL_BYTES, (i + 1) * SPRP_KEY_MATERIAL_BYTES)
    // Hops could only decipher, so what they did to the answer is undone by enciphering.
    const turn = i < count - 1 ? aez5Encrypt : aez5Decrypt
    const turned = turn(material.subarray(0, SPRP_KEY_BYTES), material.subarray(SPRP_KEY_BYTES), body)
    if (body !== payload) erase(body)
    body = turned
  }
  if (isAllZero(body.subarray(0, PAYLOAD_TAG_BYTES))) return body.subarray(PAYLOAD_TAG_BYTES)
  erase(body)
  return undefined
}
