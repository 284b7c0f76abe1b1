/** How full the blocks of a filter may be on average. */
import { BLOCK_BITS_LOG2 } from './constants.ts'

const BLOCK_BITS = 2 ** BLOCK_BITS_LOG2
/** Loads so unlikely add nothing to the rate that a double could show. */
const LEAST_WEIGHT = 1e-40
/** Halvings of the interval: to a millionth of a tag. */
const HALVINGS = 35

/**
 * The mean number of tags in a block at which the filter has the rate of false positives. Tags fall into blocks by chance,
 * so loads are Poisson, and blocks that happen to be fuller have more false positives than the others save (Putze, Sanders
 * and Singler, "Cache-, hash- and space-efficient Bloom filters", 2007, equation 3). In blocks of 2 KiB that costs 0.7 %:
 * 24.15 bits a tag for 1e-5.
 * @param probes bits that a tag sets
 */
export function tagsPerBlock(falsePositiveRate: number, probes: number): number {
  let [low, high] = [0, BLOCK_BITS]
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2
    if (rateAt(middle, probes) > falsePositiveRate) high = middle
    else low = middle
  }
  return low
}

/** The rate in blocks of Poisson load: from the most likely load up, then down. */
function rateAt(mean: number, probes: number): number {
  const mode = Math.floor(mean)
  let [rate, weights] = [0, 0]
  for (let load = mode, weight = 1; weight > LEAST_WEIGHT; weight *= mean / ++load) {
    rate += weight * rateInBlock(load, probes)
    weights += weight
  }
  for (let load = mode - 1, weight = mode / mean; load >= 0 && weight > LEAST_WEIGHT; ) {
    rate += weight * rateInBlock(load, probes)
    weights += weight
    weight *= load-- / mean
  }
  return rate / weights
}

function rateInBlock(tags: number, probes: number): number {
  return (1 - (1 - 1 / BLOCK_BITS) ** (probes * tags)) ** probes
}
