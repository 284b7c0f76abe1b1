/** A writer of HELLO payloads that shares nothing with the product's: it writes whatever a test asks for. */
import { concat } from '../../../src/lib/core/index.ts'

export const ID = {
  VERSIONS: 0x01,
  FEATURES: 0x02,
  MAX_FRAME: 0x04,
  STREAM_WINDOW: 0x06,
  SESSION_WINDOW: 0x08,
  MAX_STREAMS: 0x0a,
  IDLE_TIMEOUT: 0x0c,
  PAD: 0x10,
  ACCESS_TICKET: 0x11,
  ID_CERT: 0x13,
  TIME: 0x15,
  ERROR: 0x17,
} as const

export type Parameter = readonly [id: number | bigint, value: Uint8Array]

/** RFC 9000 section 16, shortest form. */
export function varint(value: number | bigint): Uint8Array {
  const wide = BigInt(value)
  const exponent = wide < 2n ** 6n ? 0 : wide < 2n ** 14n ? 1 : wide < 2n ** 30n ? 2 : 3
  const length = 1 << exponent
  const out = new Uint8Array(length)
  for (let at = 0; at < length; at++) out[at] = Number((wide >> BigInt(8 * (length - 1 - at))) & 0xffn)
  out[0] = (out[0] as number) | (exponent << 6)
  return out
}

/** The parameters in the order given. */
export function payload(...parameters: readonly Parameter[]): Uint8Array {
  return concat(...parameters.flatMap(([id, value]) => [varint(id), varint(value.length), value]))
}

export const bytes = (...values: readonly number[]): Uint8Array => Uint8Array.from(values)

export const VERSIONS: Parameter = [ID.VERSIONS, bytes(0x01, 0x01)]
export const TIME: Parameter = [ID.TIME, bytes(0, 0, 0, 0, 0x6b, 0x06, 0x25, 0)]
export const ID_CERT: Parameter = [ID.ID_CERT, new Uint8Array(145).fill(7)]

/** What the message cannot do without, by message and pattern. */
export function mandatory(message: 1 | 2 | 3, pattern: 'XK' | 'NN' | 'XX'): readonly Parameter[] {
  const certificate = pattern === 'NN' ? [] : [ID_CERT]
  switch (message) {
    case 1:
      return [VERSIONS, TIME]
    case 2:
      return [VERSIONS, ...certificate]
    case 3:
      return certificate
  }
}

/** Adds parameters in the place their ids give them; one of the same id is replaced. */
export function withParameters(base: readonly Parameter[], ...more: readonly Parameter[]): Parameter[] {
  const ids = new Set(more.map(([id]) => BigInt(id)))
  return [...base.filter(([id]) => !ids.has(BigInt(id))), ...more].sort(([a], [b]) =>
    BigInt(a) < BigInt(b) ? -1 : 1,
  )
}
