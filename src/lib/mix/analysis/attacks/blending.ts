/**
 * Keeping back the packets of others (n-1, blending; test T10): whoever does it keeps back the loops of the attacked
 * node too, each independently (Loopix, USENIX Security 2017, section 4.4).
 */

/** Chance that at least one of `loops` does not come home when a share `blocked` of packets is kept back. */
export function missedChance(loops: number, blocked: number): number {
  return -Math.expm1(loops * Math.log1p(-blocked))
}

/** Chance that a Poisson process of `loopsPerS` misses at least one loop in `seconds`: 1 - exp(-λ·q·t). */
export function missedWithin(loopsPerS: number, blocked: number, seconds: number): number {
  return -Math.expm1(-loopsPerS * blocked * seconds)
}
