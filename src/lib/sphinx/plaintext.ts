/**
 * The plaintext of Katzenpost's clients: flags 1 | reserved 1 | place of a SURB | user data. The place is there with and
 * without a SURB, so that nobody learns from the length whether an answer is wanted.
 */
import { AivError } from '../core/index.ts'
import { PLAINTEXT_HEADER_BYTES } from './constants.ts'
import { type Geometry, userBytesWithSurb } from './geometry.ts'

const FLAG_NONE = 0
const FLAG_SURB = 1

export interface Plaintext {
  readonly surb: Uint8Array | undefined
  /** Padded with zeros to the room that there is: what is inside says its own length. */
  readonly data: Uint8Array
}

/**
 * @returns a payload for these packets
 * @throws AivError `E_INPUT` when the SURB is of other packets; `E_TOO_LARGE` when the data does not fit
 */
export function encodePlaintext(
  geometry: Geometry,
  data: Uint8Array,
  surb?: Uint8Array | undefined,
): Uint8Array {
  const room = Math.max(0, userBytesWithSurb(geometry))
  if (data.length > room)
    throw new AivError('E_TOO_LARGE', `the data has ${data.length} bytes, one packet takes ${room}`)
  if (surb !== undefined && surb.length !== geometry.surbBytes)
    throw new AivError(
      'E_INPUT',
      `the SURB has ${surb.length} bytes, those of these packets have ${geometry.surbBytes}`,
    )
  if (userBytesWithSurb(geometry) < 0)
    throw new AivError('E_TOO_LARGE', 'these packets have no room for a SURB')
  const payload = new Uint8Array(geometry.payloadBytes)
  payload[0] = surb === undefined ? FLAG_NONE : FLAG_SURB
  if (surb !== undefined) payload.set(surb, PLAINTEXT_HEADER_BYTES)
  payload.set(data, PLAINTEXT_HEADER_BYTES + geometry.surbBytes)
  return payload
}

/** @returns views of `payload`; undefined when it is no such plaintext */
export function decodePlaintext(geometry: Geometry, payload: Uint8Array): Plaintext | undefined {
  const { payloadBytes, surbBytes } = geometry
  if (payload.length !== payloadBytes || userBytesWithSurb(geometry) < 0) return undefined
  const flags = payload[0]
  if ((flags !== FLAG_NONE && flags !== FLAG_SURB) || payload[1] !== 0) return undefined
  const dataAt = PLAINTEXT_HEADER_BYTES + surbBytes
  return {
    surb: flags === FLAG_SURB ? payload.subarray(PLAINTEXT_HEADER_BYTES, dataAt) : undefined,
    data: payload.subarray(dataAt),
  }
}
