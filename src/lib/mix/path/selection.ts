/** Weighted choice by a hash, the same on every machine: whole numbers only, no bias by a remainder. */
import { readU64, utf8 } from '../../core/index.ts'
import { sha512 } from '../../crypto/index.ts'

/** One byte holds the number of the draw. */
const DRAWS = 256
const LABEL = utf8('layer')
const SPAN = 1n << 64n

export interface Weighted {
  /** A whole number from 1, below 2^32. */
  readonly weight: number
}

/** Candidates in a fixed order, made ready for many choices. */
export class WeightedTable<T extends Weighted> {
  readonly candidates: readonly T[]
  /** Sum of the weights up to each candidate; below 2^53 for fewer than 2^21 candidates, hence exact. */
  readonly #sums: Float64Array
  readonly #total: bigint
  /** Values from here on would favour the first candidates. */
  readonly #limit: bigint

  constructor(candidates: readonly T[]) {
    this.candidates = candidates
    this.#sums = new Float64Array(candidates.length)
    let sum = 0
    candidates.forEach(({ weight }, i) => {
      sum += weight
      this.#sums[i] = sum
    })
    this.#total = BigInt(sum)
    this.#limit = sum === 0 ? 0n : SPAN - (SPAN % this.#total)
  }

  /** The candidate of a value below 2^64; undefined for one that must be drawn again. */
  at(value: bigint): T | undefined {
    if (value >= this.#limit) return undefined
    const target = Number(value % this.#total)
    let [low, high] = [0, this.candidates.length - 1]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#sums[middle] as number) > target) high = middle
      else low = middle + 1
    }
    return this.candidates[low]
  }
}

/**
 * Draws `u64be(SHA-512(beta || "layer" || u8(position) || u8(round))[0..8))`, round after round, until a candidate is allowed.
 * @param beta the output of the client's VRF, 64 bytes
 * @param position of the hop, from 0
 * @returns undefined when no round finds one
 */
export function chooseByHash<T extends Weighted>(
  table: WeightedTable<T>,
  beta: Uint8Array,
  position: number,
  isAllowed: (candidate: T) => boolean,
): T | undefined {
  if (!table.candidates.some(isAllowed)) return undefined
  for (let round = 0; round < DRAWS; round++) {
    const value = readU64(sha512(beta, LABEL, Uint8Array.of(position, round)), 0)
    const chosen = table.at(value)
    if (chosen !== undefined && isAllowed(chosen)) return chosen
  }
  return undefined
}
