/** Time stamps of pcapng: 64-bit counts of a unit that each interface chooses. */

/** Turns a count into microseconds since 1970. */
export type ToMicroseconds = (high: number, low: number) => number

const TWO_32 = 0x1_0000_0000
/** With a larger divisor the remainder times 2^32 is no longer exact. */
const MAX_EXACT_EXPONENT = 12

/**
 * @param resolution value of `if_tsresol`: a power of ten, or of two when the highest bit is set, as negative exponent
 * @param offsetSeconds value of `if_tsoffset`
 */
export function microsecondsOf(resolution: number, offsetSeconds: bigint): ToMicroseconds {
  const exponent = resolution & 0x7f
  const isDecimal = resolution < 0x80
  if (isDecimal && offsetSeconds === 0n && exponent >= 6 && exponent <= MAX_EXACT_EXPONENT)
    return dividedBy(10 ** (exponent - 6))
  const unitsPerSecond = (isDecimal ? 10n : 2n) ** BigInt(exponent)
  return (high, low) => {
    const count = (BigInt(high) << 32n) | BigInt(low)
    return Number((count * 1_000_000n) / unitsPerSecond + offsetSeconds * 1_000_000n)
  }
}

/** Long division by halves: a count of nanoseconds has more bits than a number holds. */
function dividedBy(divisor: number): ToMicroseconds {
  if (divisor === 1) return (high, low) => high * TWO_32 + low
  return (high, low) => {
    const quotient = Math.floor(high / divisor)
    const remainder = high - quotient * divisor
    return quotient * TWO_32 + Math.floor((remainder * TWO_32 + low) / divisor)
  }
}
