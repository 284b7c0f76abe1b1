import { describe, expect, it } from 'vitest'
import { ManualClock, type RandomSource, SeededRandom } from '../../../../src/lib/core/index.ts'
import { FallbackMachine } from '../../../../src/lib/htx/camouflage/fallback/fallback-machine.ts'
import { RetryBudget } from '../../../../src/lib/htx/camouflage/fallback/retry-budget.ts'
import {
  type FallbackScenario,
  runFallbacks,
  simulateFallback,
} from '../../../support/fallback-simulation.ts'
import { correlationZ, uniformRangeP } from '../../../support/one-sample.ts'

const RUNS = 10_000
const SAMPLES = 2_000
const NEVER = Number.POSITIVE_INFINITY

/** Everything goes well but for the attempts over UDP; a minute and more passes between the fallbacks. */
const calm = (scenario: Partial<FallbackScenario> = {}) => ({
  hasUdp: false,
  covers: 2,
  udp: () => ({ ms: 1_000, works: false }),
  retry: () => ({ ms: 50, works: true }),
  cover: () => ({ ms: 5, works: true, endsAfterMs: NEVER }),
  trafficMs: () => 0,
  abortAtMs: NEVER,
  ...scenario,
})

/** The delays of many fallbacks, each of them the first of its command. */
function delaysOf(scenario: Partial<FallbackScenario>, count = SAMPLES) {
  const all = Array.from({ length: count }, (_, seed) => runFallbacks(seed + 1, 1, () => calm(scenario)))
  const [first = { afterUdp: [], beforeCover: [], beforeRetry: [], life: [] }] = all.map(
    ({ delays }) => delays,
  )
  const keys = Object.keys(first) as (keyof typeof first)[]
  return Object.fromEntries(
    keys.map((key) => [key, all.map(({ delays }) => delays[key])]),
  ) as unknown as Readonly<Record<keyof typeof first, number[][]>>
}

describe('the delays of a fallback', () => {
  const { beforeCover, beforeRetry, life } = delaysOf({})
  const [cover, retry, life1, life2] = [
    beforeCover.map(([ms]) => ms as number),
    beforeRetry.map(([ms]) => ms as number),
    life.map(([ms]) => ms as number),
    life.map(([, ms]) => ms as number),
  ]

  it('are uniform in their ranges: 0 to 1,000 ms before the cover connections, then 100 to 700 before the retry', () => {
    expect(uniformRangeP(cover, 0, 1_000)).toBeGreaterThan(0.001)
    expect(uniformRangeP(retry, 100, 700)).toBeGreaterThan(0.001)
  })

  it('leave a cover connection 3 to 15 s', () => {
    // Of the two that a fallback opens, one ends first: together they are uniform.
    expect(uniformRangeP([...life1, ...life2], 3_000, 15_000)).toBeGreaterThan(0.001)
  })

  it('wait 200 to 1,200 ms after UDP, which shows as the sum with the next delay', () => {
    const sums = delaysOf({ hasUdp: true }).afterUdp.map(([ms]) => ms as number)
    // The sum of two uniform draws of 1,000 ms has a triangular distribution over 200 to 2,200 ms.
    const straightened = sums.map((ms) => {
      const x = (ms - 200) / 1_000
      return x < 1 ? x ** 2 / 2 : 1 - (2 - x) ** 2 / 2
    })
    expect(uniformRangeP(straightened, 0, 1)).toBeGreaterThan(0.001)
    expect(uniformRangeP(sums, 200, 2_200)).toBeLessThan(0.001)
  })

  it('are told from a range that is a tenth off', () => {
    expect(uniformRangeP(cover, 0, 1_100)).toBeLessThan(0.001)
    expect(uniformRangeP(retry, 100, 760)).toBeLessThan(0.001)
    expect(uniformRangeP([...life1, ...life2], 3_000, 16_200)).toBeLessThan(0.001)
  })

  it('are drawn independently of each other', () => {
    const both = [...life].map(([a = 0, b = 0]) => a + b)
    for (const [a, b] of [
      [cover, retry],
      [cover, both],
      [retry, both],
    ] as const)
      expect(Math.abs(correlationZ(a, b))).toBeLessThan(4)
    expect(
      Math.abs(
        correlationZ(
          cover,
          cover.map((ms, i) => ms + (retry[i] as number)),
        ),
      ),
    ).toBeGreaterThan(4)
  })

  it('are drawn only for steps that are taken', () => {
    /** Draws until the end, and what happened. */
    const drawsOf = (hasUdp: boolean, covers: number, udpWorks = false): [number, string] => {
      const clock = new ManualClock()
      const seeded = new SeededRandom(3)
      let draws = 0
      const random: RandomSource = {
        bytes: (length) => {
          draws++
          return seeded.bytes(length)
        },
      }
      const origins = ['https://a.example/', 'https://b.example/', 'https://c.example/']
      const budget = new RetryBudget(clock)
      const machine = new FallbackMachine({ clock, random, budget, hasUdp, covers, origins })
      const told: string[] = []
      machine.begin()
      for (let turn = 0; turn < 40; turn++) {
        for (const action of machine.takeActions()) {
          told.push(action.what)
          if (action.what === 'start-udp') udpWorks ? machine.udpSucceeded() : machine.udpFailed()
          if (action.what === 'open-cover') machine.coverEnded(action.cover)
          if (action.what === 'start-retry') machine.retrySucceeded()
        }
        if (machine.nextDeadline() < NEVER) clock.advance(machine.nextDeadline() - clock.now())
        machine.tick()
      }
      return [draws, told.join(' ')]
    }
    expect(drawsOf(false, 0)).toEqual([1, 'start-retry finish'])
    expect(drawsOf(true, 0)).toEqual([2, 'start-udp start-retry finish'])
    expect(drawsOf(true, 2, true)).toEqual([0, 'start-udp finish'])
    // Two delays and three origins; no life, since no cover connection opened.
    expect(drawsOf(false, 2)).toEqual([5, 'open-cover open-cover open-cover finish close-cover'])
  })
})

describe('the order of a fallback', () => {
  it(`holds in ${RUNS} simulations with faults, and nothing is left running or open`, () => {
    const outcomes = new Map<string, number>()
    for (let seed = 0; seed < RUNS; seed++)
      for (const outcome of simulateFallback(seed).outcomes)
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    // Each way to end has been met often: the promises were checked on all of them.
    for (const outcome of ['udp', 'retry', 'failed', 'spent', 'uncovered', 'aborted'])
      expect(outcomes.get(outcome) ?? 0, outcome).toBeGreaterThan(RUNS / 100)
  })

  it('repeats for a seed', () => {
    expect(simulateFallback(77)).toEqual(simulateFallback(77))
  })

  it('goes to other origins for each cover connection of a retry', () => {
    const opened: string[] = []
    const clock = new ManualClock()
    const origins = ['https://a.example/', 'https://b.example/', 'https://c.example/', 'https://d.example/']
    const used = new Map<string, number>()
    for (let seed = 0; seed < 400; seed++) {
      const machine = new FallbackMachine({
        clock,
        random: new SeededRandom(seed),
        budget: new RetryBudget(clock),
        hasUdp: false,
        covers: 2,
        origins,
      })
      machine.begin()
      clock.advance(1_000)
      machine.tick()
      const round = machine
        .takeActions()
        .flatMap((action) => (action.what === 'open-cover' ? [action.origin] : []))
      expect(new Set(round).size).toBe(2)
      opened.push(...round)
      machine.abort()
    }
    for (const origin of opened) used.set(origin, (used.get(origin) ?? 0) + 1)
    for (const origin of origins) expect(used.get(origin) ?? 0).toBeGreaterThan(150)
  })
})

describe('the budget of retries', () => {
  it('is two in any minute, whatever asks, and a fallback that needs none gives its place back', () => {
    const clock = new ManualClock()
    const budget = new RetryBudget(clock)
    budget.reserve()?.spend()
    clock.advance(20_000)
    const second = budget.reserve()
    expect(budget.reserve()).toBeUndefined()
    second?.release()
    const third = budget.reserve()
    clock.advance(6_000)
    third?.spend()
    expect([budget.waitMs, budget.reserve()]).toEqual([34_000, undefined])
    clock.advance(34_000)
    expect(budget.waitMs).toBe(0)
    budget.reserve()?.spend()
    // The one before began at 26 s, not when it was decided on.
    expect(budget.waitMs).toBe(26_000)
  })

  it('lets a fallback that fails again retry once more, and then no more', () => {
    const failing = runFallbacks(5, 1, () => calm({ retry: () => ({ ms: 50, works: false }) }))
    expect([failing.outcomes, failing.retryTimes.length]).toEqual([['failed'], 2])
  })
})
