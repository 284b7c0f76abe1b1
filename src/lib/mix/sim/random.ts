/** Draws of a simulation. Repeatable from a seed, and never used for a packet of a real network. */
import { SeededRandom } from '../../core/index.ts'

/** A stream of its own for each purpose: a change in one part of a simulation leaves the others as they were. */
export function stream(seed: number, purpose: number): SeededRandom {
  return new SeededRandom((Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(purpose + 1, 0x85ebca6b)) >>> 0)
}

/** Exponential with this mean, > 0. */
export function exponential(random: SeededRandom, mean: number): number {
  return -mean * Math.log((random.uint32() + 0.5) / 2 ** 32)
}

/** Times of a Poisson process from `from` up to `until`, ascending. */
export function poissonTimes(random: SeededRandom, meanGap: number, from: number, until: number): number[] {
  const times: number[] = []
  if (!Number.isFinite(meanGap)) return times
  for (let at = from + exponential(random, meanGap); at < until; at += exponential(random, meanGap))
    times.push(at)
  return times
}

/** Picks an index with chance proportional to its weight; the last of `cumulative` is the sum. */
export function weighted(random: SeededRandom, cumulative: readonly number[]): number {
  const point = ((random.uint32() + 0.5) / 2 ** 32) * (cumulative.at(-1) as number)
  return cumulative.findIndex((sum) => point < sum)
}
