import { describe, expect, it } from 'vitest'
import { SABOTAGES } from '../../support/session-sabotage.ts'
import { type SimulationResult, simulate } from '../../support/session-simulation.ts'

/** More through scripts/nightly-htx.ts. */
const SEEDS = 500
const GROUP = 50

describe('simulated sessions', () => {
  const results: SimulationResult[] = []

  it.each(Array.from({ length: SEEDS / GROUP }, (_, group) => [group * GROUP, group * GROUP + GROUP - 1]))(
    'keep every promise under the seeds %i to %i',
    (first, last) => {
      for (let seed = first; seed <= last; seed++) results.push(simulate(seed))
    },
  )

  it('have met all that they are made of: faults, ends, rekeys, resets, refusals', () => {
    expect(results.length).toBe(SEEDS)
    const faulted = results.filter((result) => result.faulted)
    expect(faulted.length).toBeGreaterThan(SEEDS / 5)
    const kinds = faulted.flatMap(({ scenario: { pipe } }) => [pipe.c.fault?.kind, pipe.s.fault?.kind])
    for (const kind of ['cut', 'corrupt', 'drop', 'duplicate', 'swap'] as const)
      expect(kinds.filter((one) => one === kind).length).toBeGreaterThan(10)
    const causes = new Set(
      results.flatMap(({ ends }) => [ends.c, ends.s].map(({ cause, code }) => `${cause} ${code}`)),
    )
    for (const cause of ['closed 0', 'closed 7', 'closed 32772', 'link-lost 0', 'unauthenticated 2'])
      expect(causes).toContain(cause)
    const sum = (of: (result: SimulationResult) => number): number =>
      results.reduce((total, one) => total + of(one), 0)
    for (const what of ['finished', 'reset', 'stopped', 'refused', 'closed'])
      expect(sum(({ told }) => told[what] ?? 0)).toBeGreaterThan(50)
    expect(sum(({ rekeys }) => rekeys)).toBeGreaterThan(SEEDS / 2)
    expect(sum(({ deliveredBytes }) => deliveredBytes)).toBeGreaterThan(SEEDS * 20_000)
    expect(new Set(results.map(({ trace }) => trace)).size).toBeGreaterThan(SEEDS * 0.95)
  })

  it('go the same way again for the same seed', () => {
    for (let seed = 0; seed < 20; seed++) {
      const again = simulate(seed)
      expect(again.trace).toBe(results[seed]?.trace)
      expect(again.simulatedMs).toBe(results[seed]?.simulatedMs)
    }
  })
})

describe('the judge of the simulation', () => {
  it.each(Object.entries(SABOTAGES))('catches a session that %s', (_what, { sabotage, caughtAs }) => {
    const caught: string[] = []
    for (let seed = 0; seed < 20; seed++) {
      try {
        simulate(seed, { sabotage })
      } catch (error) {
        caught.push((error as Error).message)
      }
    }
    // Runs in which no stream gets as far prove nothing either way.
    expect(caught.length).toBeGreaterThan(5)
    for (const message of caught) expect(message).toMatch(caughtAs)
  })

  it('names the seed, and the same seed fails again', () => {
    const { sabotage } = SABOTAGES['flips a bit'] as (typeof SABOTAGES)[string]
    const fail = (seed: number): string => {
      try {
        simulate(seed, { sabotage })
        return ''
      } catch (error) {
        return (error as Error).message
      }
    }
    const messages = Array.from({ length: 10 }, (_, seed) => fail(seed))
    expect(messages.filter((message) => message !== '').length).toBeGreaterThan(2)
    for (const [seed, message] of messages.entries()) {
      expect(fail(seed)).toBe(message)
      if (message !== '') expect(message.startsWith(`seed ${seed}: `)).toBe(true)
    }
  })
})
