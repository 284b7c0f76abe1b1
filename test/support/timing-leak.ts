/**
 * Whether a function's time tells two classes of input apart, as dudect does it ("Dude, is my code constant time?", Reparaz, Balasch,
 * Verbauwhede, 2017): both classes in random order, the slow tail cut off at the same place for both, then Welch's t.
 */
import { SeededRandom } from '../../src/lib/core/index.ts'
import { welch } from '../../src/lib/mix/analysis/statistics/index.ts'

/** Beyond it dudect takes a leak for proved. */
export const LEAK_T = 4.5

/** Interrupts and the garbage collector make the tail; what is kept is the faster part of both classes together. */
const KEPT = 0.8

/** A leak shows every time; a machine that is disturbed, seldom. */
const ROUNDS = 3

/** @returns the least absolute value of t for the times of `run(0)` and `run(1)` in three rounds of `measurements` each */
export function timingT(run: (which: 0 | 1) => unknown, measurements: number, seed: number): number {
  return Math.min(...Array.from({ length: ROUNDS }, (_, i) => roundT(run, measurements, seed + i)))
}

function roundT(run: (which: 0 | 1) => unknown, measurements: number, seed: number): number {
  const order = new SeededRandom(seed).bytes(measurements)
  for (let i = 0; i < 2000; i++) run(((order[i % measurements] as number) & 1) as 0 | 1)
  const times = new Float64Array(measurements)
  for (let i = 0; i < measurements; i++) {
    const which = ((order[i] as number) & 1) as 0 | 1
    const before = process.hrtime.bigint()
    run(which)
    times[i] = Number(process.hrtime.bigint() - before)
  }
  const limit = times.slice().sort()[Math.floor(measurements * KEPT)] as number
  const classes: [number[], number[]] = [[], []]
  times.forEach((time, i) => {
    if (time <= limit) classes[((order[i] as number) & 1) as 0 | 1].push(time)
  })
  return Math.abs(welch(...classes).t)
}
