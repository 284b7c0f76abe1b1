/**
 * What a packet carries to its last hop: the framing of Katzenpost's clients (flags, a reserved byte, a reply block where
 * the flags say so), and in it a body of any length up to the room there is.
 */
import { AivError, isAllZero, readU16, writeU16 } from '../../core/index.ts'
import { type Geometry, PLAINTEXT_HEADER_BYTES } from '../../sphinx/index.ts'

const HAS_SURB = 1
const LENGTH_BYTES = 2
const MAX_BODY_BYTES = 0xffff

export interface Payload {
  /** For the answer. */
  readonly surb?: Uint8Array | undefined
  readonly body: Uint8Array
}

/** Most bytes of a body. */
export function bodyRoom({ payloadBytes, surbBytes }: Geometry, hasSurb: boolean): number {
  const room = payloadBytes - PLAINTEXT_HEADER_BYTES - LENGTH_BYTES - (hasSurb ? surbBytes : 0)
  return Math.min(Math.max(room, 0), MAX_BODY_BYTES)
}

/**
 * As long as every payload of the geometry; what is left is zero, and encrypted with the rest.
 * @throws AivError `E_TOO_LARGE` when the body does not fit, `E_MALFORMED` for a reply block of another geometry
 */
export function encodePayload(geometry: Geometry, { surb, body }: Payload): Uint8Array {
  if (surb !== undefined && surb.length !== geometry.surbBytes)
    throw new AivError('E_MALFORMED', `a reply block of this network has ${geometry.surbBytes} bytes`)
  const room = bodyRoom(geometry, surb !== undefined)
  if (body.length > room) throw new AivError('E_TOO_LARGE', `a packet has room for ${room} bytes`)
  const out = new Uint8Array(geometry.payloadBytes)
  let at = PLAINTEXT_HEADER_BYTES
  if (surb !== undefined) {
    out[0] = HAS_SURB
    out.set(surb, at)
    at += surb.length
  }
  writeU16(out, at, body.length)
  out.set(body, at + LENGTH_BYTES)
  return out
}

/** @returns views into `payload`; undefined when it is not framed so */
export function decodePayload(
  { payloadBytes, surbBytes }: Geometry,
  payload: Uint8Array,
): Payload | undefined {
  const [flags, reserved] = payload
  if (payload.length !== payloadBytes || reserved !== 0) return undefined
  if (flags !== 0 && flags !== HAS_SURB) return undefined
  const start = PLAINTEXT_HEADER_BYTES + (flags === HAS_SURB ? surbBytes : 0)
  const bodyAt = start + LENGTH_BYTES
  if (bodyAt > payload.length) return undefined
  const end = bodyAt + readU16(payload, start)
  if (end > payload.length || !isAllZero(payload.subarray(end))) return undefined
  const body = payload.subarray(bodyAt, end)
  return flags === HAS_SURB ? { surb: payload.subarray(PLAINTEXT_HEADER_BYTES, start), body } : { body }
}
