/** A simulated link for protocol simulations: same seed, same faults, no real time. */
import type { RandomSource, TimerClock } from '../core/index.ts'
import type { Link } from './link.ts'
import { type Faults, FaultyChannel } from './memory/faulty-channel.ts'
import { MemoryLink, pairOf } from './memory/memory-link.ts'

export interface FaultyPairOptions {
  /** The one seed of the simulation. */
  readonly random: RandomSource
  /** Owns time: nothing happens until it is advanced, deliveries without delay included. */
  readonly clock: TimerClock
  /** What happens to bytes from the first link to the second. */
  readonly there?: Faults
  /** What happens to bytes from the second link to the first; default as `there`, without its cut and corruption. */
  readonly back?: Faults
}

/** Two links joined by two faulty directions. */
export function faultyPair(options: FaultyPairOptions): [Link, Link] {
  const { random, clock, there = {} } = options
  const { cutAtByte: _cut, corruptAtByte: _corrupt, ...same } = there
  const directions = [there, options.back ?? same] as const
  const defer = (task: () => void): void => void clock.schedule(0, task)
  const first = new MemoryLink('simulated:1', 'simulated:2', clock, defer)
  const second = new MemoryLink('simulated:2', 'simulated:1', clock, defer)
  const channels: FaultyChannel[] = []
  const cut = (): void => {
    for (const channel of channels) channel.breakNow()
  }
  return pairOf(first, second, (writer, reader, direction) => {
    const channel = new FaultyChannel(writer, reader, directions[direction], random, clock, cut)
    channels.push(channel)
    return channel
  })
}
