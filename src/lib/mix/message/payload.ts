/**
 * Bodies of any length up to the room in a packet: `length 2 | body | zeros` as the data of a Katzenpost plaintext, which has
 * a place for a reply block whether there is one or not, so that nobody learns from the length what is answered.
 */
import { AivError, concat, isAllZero, readU16, u16 } from '../../core/index.ts'
import { decodePlaintext, encodePlaintext, type Geometry, userBytesWithSurb } from '../../sphinx/index.ts'

const LENGTH_BYTES = 2
const MAX_BODY_BYTES = 0xffff

export interface Payload {
  /** For the answer. */
  readonly surb?: Uint8Array | undefined
  readonly body: Uint8Array
}

/** Most bytes of a body. */
export function bodyRoom(geometry: Geometry): number {
  return Math.min(Math.max(userBytesWithSurb(geometry) - LENGTH_BYTES, 0), MAX_BODY_BYTES)
}

/**
 * As long as every payload of the geometry.
 * @throws AivError `E_TOO_LARGE` when the body does not fit, `E_INPUT` for a reply block of another geometry
 */
export function encodePayload(geometry: Geometry, { surb, body }: Payload): Uint8Array {
  const room = bodyRoom(geometry)
  if (body.length > room) throw new AivError('E_TOO_LARGE', `a packet has room for ${room} bytes`)
  return encodePlaintext(geometry, concat(u16(body.length), body), surb)
}

/** @returns views into `payload`; undefined when it is not framed so */
export function decodePayload(geometry: Geometry, payload: Uint8Array): Payload | undefined {
  const plaintext = decodePlaintext(geometry, payload)
  if (plaintext === undefined || plaintext.data.length < LENGTH_BYTES) return undefined
  const { surb, data } = plaintext
  const end = LENGTH_BYTES + readU16(data, 0)
  if (end > data.length || !isAllZero(data.subarray(end))) return undefined
  const body = data.subarray(LENGTH_BYTES, end)
  return surb === undefined ? { body } : { surb, body }
}
