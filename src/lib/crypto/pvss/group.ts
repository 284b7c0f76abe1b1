/** ristretto255 (RFC 9496) as a group of prime order, with a second generator that nobody knows the logarithm of. */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { type RandomSource, utf8 } from '../../core/index.ts'
import { erase } from '../secrets.ts'
import { PVSS_ELEMENT_BYTES } from './surface.ts'

export const Point: typeof ristretto255.Point = ristretto255.Point
export type Element = InstanceType<typeof Point>

/** For commitments. */
export const BASE: Element = Point.BASE
/** For keys and shares; hashed to the group (RFC 9380 appendix B), so that it has no known relation to the other. */
export const SECOND_BASE: Element = ristretto255_hasher.hashToCurve(utf8('second generator'), {
  DST: utf8('aiv-pvss-v1_ristretto255_XMD:SHA-512_R255MAP_RO_'),
}) as Element

const WIDE_BYTES = 64

/** From 1 to below the order, without bias (64 bytes reduced). */
export function randomScalar(random: RandomSource): bigint {
  for (;;) {
    const wide = random.bytes(WIDE_BYTES)
    const scalar = scalarOfBytes(wide)
    erase(wide)
    if (scalar !== 0n) return scalar
  }
}

/** Little-endian bytes of any length, reduced. */
export function scalarOfBytes(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return Point.Fn.create(value)
}

/** Undefined for what is no scalar in its one spelling. */
export function decodeScalar(bytes: Uint8Array): bigint | undefined {
  if (bytes.length !== PVSS_ELEMENT_BYTES) return undefined
  try {
    return Point.Fn.fromBytes(bytes)
  } catch {
    return undefined
  }
}

export function encodeScalar(scalar: bigint): Uint8Array {
  return Point.Fn.toBytes(scalar)
}

/** Undefined for what is no point, and for the neutral one, which would be everybody's key and share. */
export function decodePoint(bytes: Uint8Array): Element | undefined {
  if (bytes.length !== PVSS_ELEMENT_BYTES) return undefined
  try {
    const point = Point.fromBytes(bytes)
    return point.is0() ? undefined : point
  } catch {
    return undefined
  }
}

/** All of them, or undefined when one is none. */
export function decodePoints(all: readonly Uint8Array[]): readonly Element[] | undefined {
  const points = all.map(decodePoint)
  return points.every((point) => point !== undefined) ? points : undefined
}
