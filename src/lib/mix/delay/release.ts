/** When a packet may leave: its delay counts from its arrival, so that time spent waiting is part of it. */

/** The delay is longer than the keys of the network live. */
export const EXCESSIVE_DELAY = -1

/** The packet waited too long before it was unwrapped. */
export const DWELL_EXCEEDED = -2

export interface ReleaseLimits {
  /** Longest delay that is accepted: longer ones would outlive the keys that the rest of the path needs. */
  readonly maxDelayUs: number
  /** Longest time from arrival to unwrapping. */
  readonly maxDwellUs: number
}

/**
 * Longest delay that makes sense: as long as the keys published ahead are valid.
 * @param epochUs length of a key epoch
 * @param publishedKeys how many epochs' keys a node publishes
 */
export function maxDelayUs(epochUs: number, publishedKeys: number): number {
  return epochUs * publishedKeys
}

/**
 * The monotonic time at which the packet is due, or why it is dropped: {@link EXCESSIVE_DELAY},
 * {@link DWELL_EXCEEDED}. A due time that is already past means: at once.
 * @param arrivalUs, nowUs monotonic microseconds, never negative: a wall clock that is set must not move packets
 */
export function releaseAtUs(
  arrivalUs: number,
  nowUs: number,
  delayUs: number,
  limits: ReleaseLimits,
): number {
  if (delayUs > limits.maxDelayUs) return EXCESSIVE_DELAY
  if (nowUs - arrivalUs > limits.maxDwellUs) return DWELL_EXCEEDED
  return arrivalUs + delayUs
}
