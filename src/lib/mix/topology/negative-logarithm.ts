/** -ln of a uniform value as a whole number, the same on every machine: floating point may differ in its last bit. */

/** Fraction bits of the result. */
export const LOGARITHM_BITS = 64n
/** Fraction bits on the way: the 64 squarings lose about one bit each. */
const WORK = 160n
const ONE = 1n << WORK

/** ln 2 with 160 bits after the point, rounded down (OEIS A002162). */
const LN2 = 0xb17217f7d1cf79abc9e3b39803f2f6af40f34326n

/**
 * `-ln((value + 1/2) / 2^64) * 2^64`, rounded down: the binary logarithm bit by bit, by repeated squaring, times ln 2.
 * @param value a whole number below 2^64
 */
export function negativeLogarithm(value: bigint): bigint {
  const odd = 2n * value + 1n
  const exponent = BigInt(odd.toString(2).length - 1)
  // odd / 2^65 = 2^(exponent - 65) * mantissa, with a mantissa from 1 to below 2
  let mantissa = (odd << WORK) >> exponent
  let fraction = 0n
  for (let bit = 1n; bit <= LOGARITHM_BITS + 16n; bit++) {
    mantissa = (mantissa * mantissa) >> WORK
    fraction <<= 1n
    if (mantissa >= 2n * ONE) {
      mantissa >>= 1n
      fraction |= 1n
    }
  }
  const binary = ((65n - exponent) << (LOGARITHM_BITS + 16n)) - fraction
  return (binary * LN2) >> (WORK + 16n)
}
