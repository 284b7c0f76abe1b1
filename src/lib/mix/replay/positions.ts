/**
 * The bits that stand for a fingerprint: outputs of xoroshiro64* (Blackman and Vigna, "Scrambled linear pseudorandom
 * number generators", 2021) seeded with it. The seed is the output of a keyed function, so the generator need not be a
 * secret one; what counts is that its outputs are spread evenly, which double hashing in a small filter does not give.
 */

/**
 * @param low half of a 64-bit fingerprint
 * @param high its other half
 * @param bits positions are 0..bits-1
 * @param out gets as many positions as it is long
 * @returns one more output, 32 bits, of which the low ones may serve to choose a shard
 */
export function drawPositions(low: number, high: number, bits: number, out: Uint32Array): number {
  const scale = bits / 0x100000000
  // The generator stands still at zero.
  let s0 = (low | high) === 0 ? 1 : low
  let s1 = high
  for (let i = 0; i < out.length; i++) {
    // The high bits of the output are its good ones: scaled, they decide.
    out[i] = (Math.imul(s0, 0x9e3779bb) >>> 0) * scale
    s1 ^= s0
    s0 = ((s0 << 26) | (s0 >>> 6)) ^ s1 ^ (s1 << 9)
    s1 = (s1 << 13) | (s1 >>> 19)
  }
  return Math.imul(s0, 0x9e3779bb) >>> 16
}
