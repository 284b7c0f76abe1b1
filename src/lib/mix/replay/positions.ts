/**
 * The block and the bits that stand for a fingerprint: outputs of xoroshiro64* (Blackman and Vigna, "Scrambled linear
 * pseudorandom number generators", 2021) seeded with it. The seed is the output of a keyed function, so the generator need
 * not be a secret one; what counts is that its outputs are spread evenly.
 */
import { BLOCK_BITS_LOG2 } from './constants.ts'

/** The low bits of an output are its weak ones: two positions are taken from above them. */
const FIRST_SHIFT = 32 - BLOCK_BITS_LOG2
const SECOND_SHIFT = FIRST_SHIFT - BLOCK_BITS_LOG2
const MASK = 2 ** BLOCK_BITS_LOG2 - 1
const MULTIPLIER = 0x9e3779bb

/**
 * @param low half of a 64-bit fingerprint
 * @param high its other half
 * @param blocks number of blocks
 * @param out gets as many positions within the block as it is long
 * @returns the block
 */
export function drawPositions(low: number, high: number, blocks: number, out: Uint16Array): number {
  // The generator stands still at zero.
  let s0 = (low | high) === 0 ? 1 : low
  let s1 = high
  const block = Math.floor(((Math.imul(s0, MULTIPLIER) >>> 0) * blocks) / 0x100000000)
  for (let i = 0; i < out.length; i += 2) {
    s1 ^= s0
    s0 = ((s0 << 26) | (s0 >>> 6)) ^ s1 ^ (s1 << 9)
    s1 = (s1 << 13) | (s1 >>> 19)
    const output = Math.imul(s0, MULTIPLIER)
    out[i] = output >>> FIRST_SHIFT
    // Beyond the end where their number is odd: nothing happens.
    out[i + 1] = (output >>> SECOND_SHIFT) & MASK
  }
  return block
}
