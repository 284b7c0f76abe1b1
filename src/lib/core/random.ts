/** Randomness as protocol cores see it. The system source lives in `crypto`; tests inject {@link SeededRandom}. */
export interface RandomSource {
  /** `length` fresh random bytes. */
  bytes(length: number): Uint8Array
}

/** Uniform integer in [min, max], both included, by rejection, so that no value is favoured. */
export function uniformInt(random: RandomSource, min: number, max: number): number {
  const span = max - min + 1
  if (!Number.isSafeInteger(span) || span <= 0 || span > 0x100000000)
    throw new RangeError('uniformInt: bad range')
  const limit = Math.floor(0x100000000 / span) * span
  for (;;) {
    const [a, b, c, d] = random.bytes(4) as unknown as [number, number, number, number]
    const value = a * 0x1000000 + ((b << 16) | (c << 8) | d)
    if (value < limit) return min + (value % span)
  }
}

/** Uniform real in [min, max) with 32 bits of resolution: enough for timer jitter. */
export function uniformReal(random: RandomSource, min: number, max: number): number {
  return min + ((max - min) * uniformInt(random, 0, 0xffffffff)) / 0x100000000
}

/**
 * xoshiro128** by Blackman and Vigna, seeded by splitmix32. Repeatable, fast and NOT secret: simulations and tests only.
 */
export class SeededRandom implements RandomSource {
  #a: number
  #b: number
  #c: number
  #d: number

  constructor(seed: number) {
    let state = seed >>> 0
    const next = (): number => {
      state = (state + 0x9e3779b9) >>> 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
      z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
      return (z ^ (z >>> 16)) >>> 0
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next() | 1
  }

  /** Uniform integer 0..2^32-1. */
  uint32(): number {
    const x = Math.imul(this.#b, 5)
    const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0
    const t = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= t
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result
  }

  /** Uniform integer 0..bound-1. */
  below(bound: number): number {
    return Math.floor((this.uint32() / 0x100000000) * bound)
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.uint32() / 0x100000000 < p
  }

  bytes(length: number): Uint8Array {
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i += 4) {
      const word = this.uint32()
      for (let j = 0; j < 4 && i + j < length; j++) out[i + j] = word >>> (8 * j)
    }
    return out
  }
}
