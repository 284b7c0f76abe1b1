/**
 * The checks that make Ed25519 verification strict. Libraries disagree on these edge cases ("Taming the many
 * EdDSAs", Chalkias, Garillot, Nikolaenko, 2020), and Node changed its own answer within a major version, so both
 * providers apply this one set before their own arithmetic. It is the rule of the Web Cryptography API ("Ed25519",
 * verify): no small-order `A` or `R`, on top of RFC 8032.
 */
import { fromHex } from '../core/index.ts'
import { ED25519_BYTES, ED25519_SIGNATURE_BYTES } from './constants.ts'

/** p = 2^255 - 19, little-endian. */
const FIELD_PRIME = fromHex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f')
/** L = 2^252 + 27742317777372353535851937790883648493, little-endian. */
const GROUP_ORDER = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')

/** y-coordinates of the eight points whose order divides 8; each serves both signs of x. */
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  // order 1: (0, 1)
  '0100000000000000000000000000000000000000000000000000000000000000',
  // order 2: (0, -1)
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  // order 4: y = 0
  '0000000000000000000000000000000000000000000000000000000000000000',
  // order 8
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(fromHex)

/** All inputs are public, so early exits leak nothing. */
function isBelow(value: Uint8Array, bound: Uint8Array, topMask: number): boolean {
  for (let i = ED25519_BYTES - 1; i >= 0; i--) {
    const digit = (value[i] as number) & (i === ED25519_BYTES - 1 ? topMask : 0xff)
    const limit = bound[i] as number
    if (digit !== limit) return digit < limit
  }
  return false
}

function hasSmallOrder(point: Uint8Array): boolean {
  return SMALL_ORDER_Y.some((y) =>
    y.every((byte, i) => byte === ((point[i] as number) & (i === 31 ? 0x7f : 0xff))),
  )
}

/**
 * True when the encodings of key and signature are ones that a strict verifier may look at. The equation, and
 * whether `A` lies on the curve, are left to the caller. A non-canonical `R` of any other order never equals a
 * recomputed one.
 */
export function isStrictlyEncoded(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== ED25519_BYTES || signature.length !== ED25519_SIGNATURE_BYTES) return false
  // The top bit of A is the sign of x; S has no spare bit.
  return (
    isBelow(publicKey, FIELD_PRIME, 0x7f) &&
    !hasSmallOrder(publicKey) &&
    !hasSmallOrder(signature) &&
    isBelow(signature.subarray(32), GROUP_ORDER, 0xff)
  )
}
