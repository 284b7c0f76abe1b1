/**
 * Exponential delays that come out the same on every machine.
 *
 * A node computes a delay and a sender recomputes it later, so the logarithm is defined here and not taken from the
 * engine, whose `Math.log` may differ in the last bit. It uses addition, subtraction, multiplication, division and
 * comparison of IEEE 754 doubles only, each rounded to nearest even, in the order written:
 *
 *     U = (n + 0.5) / 2^53, n an integer of 53 bits;  n + 0.5 = m * 2^k, sqrt(1/2) < m <= sqrt(2)
 *     s = (m - 1) / (m + 1);  w = s * s
 *     ln m = 2s * (1 + w/3 + w^2/5 + … + w^11/23), by Horner's rule from the last term
 *     -ln U = (53 - k) * ln 2 - ln m
 *
 * The series is cut where the rest is below 2^-62. Who computes with more digits may differ by one microsecond.
 */
import type { RandomSource } from '../../core/index.ts'
import { CAP_IN_MEANS, MIN_COMMAND_MS } from './constants.ts'

/** 0.6931471805599453 and 1.4142135623730951, the doubles nearest to the numbers. */
const { LN2, SQRT2 } = Math
const BITS = 53
const LOW_BITS = 21
const TWO_LOW_BITS = 2 ** LOW_BITS
const LAST_TERM = 23

/** Bytes of randomness for one draw. */
const DRAW_BYTES = 8

/** 2^-k at index k + 1 for k = -1..52. Halving is exact, which an engine does not promise of its power function. */
const SCALES = new Float64Array(BITS + 1)
for (let i = 0, scale = 2; i < SCALES.length; i++, scale /= 2) SCALES[i] = scale

const RECIPROCALS = new Float64Array(LAST_TERM + 1)
for (let i = 1; i <= LAST_TERM; i++) RECIPROCALS[i] = 1 / i

/**
 * -ln U of the uniform number that 53 bits stand for, as defined above: 0..37.4.
 * @param high the upper 32 of the 53 bits
 * @param low the lower 21
 */
export function negativeLog(high: number, low: number): number {
  const x = high * TWO_LOW_BITS + low + 0.5
  let k = high !== 0 ? LOW_BITS + 31 - Math.clz32(high) : 31 - Math.clz32(low)
  let m = x * (SCALES[k + 1] as number)
  if (m > SQRT2) {
    m /= 2
    k += 1
  }
  const s = (m - 1) / (m + 1)
  const w = s * s
  let sum = RECIPROCALS[LAST_TERM] as number
  for (let i = LAST_TERM - 2; i >= 1; i -= 2) sum = sum * w + (RECIPROCALS[i] as number)
  return (BITS - k) * LN2 - 2 * s * sum
}

/**
 * Microseconds for the first 53 bits (big-endian) of uniform bytes: floor(min(-ln U, ln 1e12) * mean + 1/2).
 * @param bytes at least 8
 * @param meanUs 1/mu
 */
export function exponentialUs(bytes: Uint8Array, meanUs: number): number {
  return Math.floor(exponentialOf(bytes) * meanUs + 0.5)
}

/** A fresh exponential time in the unit of `mean`, at most 27.7 means. */
export function sampleExponential(random: RandomSource, mean: number): number {
  const bytes = random.bytes(DRAW_BYTES)
  const value = exponentialOf(bytes) * mean
  bytes.fill(0)
  return value
}

/** A fresh delay for a `delay` routing command: whole milliseconds, at least 1. */
export function sampleDelayMs(random: RandomSource, meanMs: number): number {
  return Math.max(MIN_COMMAND_MS, Math.floor(sampleExponential(random, meanMs) + 0.5))
}

function exponentialOf(bytes: Uint8Array): number {
  return Math.min(negativeLog(word(bytes, 0), word(bytes, 4) >>> (32 - LOW_BITS)), CAP_IN_MEANS)
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  )
}
