import { describe, expect, it } from 'vitest'
import { missedChance, missedWithin } from '../../../src/lib/mix/analysis/index.ts'
import {
  BLENDING_DEFAULTS,
  CORRELATION_DEFAULTS,
  DISCLOSURE_DEFAULTS,
  detection,
  judgeBlending,
  judgeCorrelationAttack,
  judgeDisclosure,
  roundsToFind,
  SIM_DEFAULTS,
  simulate,
  summarize,
} from '../../../src/lib/mix/sim/index.ts'

describe('a simulation', () => {
  it('repeats from its seed, and not from another', () => {
    const parameters = { ...SIM_DEFAULTS, clients: 20, durationMs: 2_000 }
    expect(simulate(parameters)).toEqual(simulate(parameters))
    expect(simulate({ ...parameters, seed: 2 }).hops.outUs).not.toEqual(simulate(parameters).hops.outUs)
  })

  // Erlang-3 with 35 ms each: the table of the specification, section 6.2 (33-35 ms).
  it('delivers with the latency of the Erlang law', () => {
    const { latencyMs } = summarize(simulate({ ...SIM_DEFAULTS, meanDelayMs: 35 }))
    for (const [measured, law] of [
      [latencyMs.mean, 105],
      [latencyMs.p95, 220],
      [latencyMs.p99, 294],
    ] as const)
      expect(Math.abs(measured / law - 1)).toBeLessThan(0.02)
  })

  it('sends at the rates that it was told, whatever there is to say', () => {
    const { sent } = summarize(simulate(SIM_DEFAULTS))
    // 100 clients, 10 s, 50/s and 5/s, half of them busy 30 % of the time; five standard deviations.
    expect(Math.abs(sent.real + sent.drop - 50_000)).toBeLessThan(1_120)
    expect(Math.abs(sent.loop - 5_000)).toBeLessThan(354)
    expect(Math.abs(sent.real - 7_500)).toBeLessThan(434)
  })

  it.each([
    [{ nodes: 2 }],
    [{ layers: 0 }],
    [{ clients: 1 }],
    [{ rate: 0 }],
    [{ meanDelayMs: 0 }],
    [{ durationMs: 500 }],
    [{ seed: -1 }],
    [{ clients: 1_000_000, rate: 1_000 }],
    [{ durationMs: Number.NaN }],
  ])('of %o is refused', (changes) => {
    expect(() => simulate({ ...SIM_DEFAULTS, ...changes })).toThrow(
      expect.objectContaining({ code: 'E_USAGE' }),
    )
  })
})

describe('correlation of flows', () => {
  it('guesses against constant-rate cover, finds nearly all without cover, and something with loops', () => {
    const judgement = judgeCorrelationAttack({ ...CORRELATION_DEFAULTS, pairs: 250 })
    expect(judgement).toMatchObject({ passed: true, control: { passed: false } })
    expect(judgement.control.values.correlation_auc).toBeGreaterThan(0.95)
    expect(judgement.values.nym_likelihood_auc).toBeGreaterThan(0.6)
  })
})

describe('keeping back packets', () => {
  const scenario = { ...BLENDING_DEFAULTS, trials: 300, quietDays: 3 }

  it('follows the laws of Loopix', () => {
    // 1 - (1-q)^m and 1 - exp(-λqt), worked out.
    expect(missedChance(3, 0.5)).toBeCloseTo(0.875, 12)
    expect(missedWithin(2, 0.5, 1)).toBeCloseTo(1 - 1 / Math.E, 12)
  })

  it('is found within five loops, with less than one false alarm a day, unless loops are let through', () => {
    expect(judgeBlending(scenario)).toMatchObject({ passed: true, control: { passed: false } })
  })

  it.each([1, 0.5, 0.3])('of a share %f is missed as often as the law says, and found', (blocked) => {
    const values = detection({ ...scenario, trials: 1_000 }, blocked)
    const [seen, law] = [values.missed_in_one_gap as number, 1 - Math.exp(-blocked)]
    // Four standard errors of a share among 1,000.
    expect(Math.abs(seen - law)).toBeLessThan(4 * Math.sqrt((law * (1 - law)) / 1_000))
    expect(values.detected).toBeGreaterThan(0.99)
  })

  it('would give false alarms with a loss that is not tolerated', () => {
    const { values, passed } = judgeBlending({ ...scenario, normalLoss: 0.1 })
    expect(passed).toBe(false)
    expect(values.false_alarms_per_day).toBeGreaterThan(1)
  })
})

describe('statistical disclosure', () => {
  const scenario = { ...DISCLOSURE_DEFAULTS, receivers: 200, contacts: 5, background: 30, patience: 30_000 }

  it('finds contacts without cover, later with cover of the sender, not at all with full cover', () => {
    expect(judgeDisclosure(scenario)).toMatchObject({ passed: true, control: { passed: false } })
    const [none, sender] = [roundsToFind(scenario, 'none'), roundsToFind(scenario, 'sender')]
    expect(sender).toBeGreaterThan(none)
  })
})
