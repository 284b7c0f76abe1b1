/** How long a loop may take before it counts as lost. */
import { upperGamma } from '../analysis/statistics/index.ts'
import { LATE_LOOP_CHANCE, LOOP_SLACK_US } from './constants.ts'

/** Halvings of the interval: the answer is exact to a double long before. */
const STEPS = 60

/**
 * The time after which one in ten thousand loops is still on its way, and half a second for links: the sum of exponential
 * delays follows Erlang's law.
 * @param delays how many hops hold the packet
 * @param meanUs mean delay of one hop
 */
export function loopTimeoutUs(delays: number, meanUs: number): number {
  let low = 0
  let high = 64 + 8 * delays
  for (let i = 0; i < STEPS; i++) {
    const middle = (low + high) / 2
    if (upperGamma(delays, middle) > LATE_LOOP_CHANCE) low = middle
    else high = middle
  }
  return Math.ceil(high * meanUs) + LOOP_SLACK_US
}
