import { describe, expect, it } from 'vitest'
import {
  holds,
  judgeAll,
  noneRejected,
  type Observation,
  observe,
  pathFairness,
  TEST_IDS,
  type TestId,
  traceFairness,
} from '../../../src/lib/mix/analysis/index.ts'
import { modelEntropy, SIM_DEFAULTS, simulate } from '../../../src/lib/mix/sim/index.ts'
import { chiSquareP } from '../../support/chi-square.ts'

const PARAMETERS = { ...SIM_DEFAULTS, seed: 5, durationMs: 5_000 }
const TRACE_TESTS = TEST_IDS.filter((test) => test !== 'T10' && test !== 'T11')

function verdict(observation: Observation, tests: readonly TestId[] = TEST_IDS) {
  return judgeAll(observation, { tests, modelBits: () => modelEntropy(observation, 99) })
}

describe('a trace', () => {
  const honest = observe(simulate(PARAMETERS))
  const judged = verdict(honest)

  it.each(TRACE_TESTS)('of an honest network passes %s, and bad traffic does not', (test) => {
    const judgement = judged.judgements.find((each) => each.test === test)
    expect(judgement).toMatchObject({ passed: true, control: { passed: false } })
  })

  it('says what it cannot tell', () => {
    expect(judged.unjudged.map(({ test }) => test)).toEqual(['T10', 'T11'])
    expect(judged.passed).toBe(true)
  })

  it.each<[string, (delay: number) => number, TestId[]]>([
    ['delay by a fixed time', () => 33, ['T1', 'T6']],
    ['delay by half of what they were told', (delay) => delay / 2, ['T2', 'T3', 'T6']],
    ['cut delays off', (delay) => Math.min(delay, 66), ['T6']],
    ['spread delays evenly', (delay) => (1 - Math.exp(-delay / 33)) * 66, ['T6']],
  ])('of nodes that %s fails', (_, misdelay, failed) => {
    const bad = verdict(observe(simulate(PARAMETERS, { misdelay })), failed)
    expect(bad.passed).toBe(false)
    expect(bad.judgements.filter(({ passed }) => !passed).map(({ test }) => test)).toEqual(failed)
  })

  it('of a network without cover fails where clients are concerned', () => {
    const { judgements } = verdict(observe(simulate({ ...PARAMETERS, cover: 'none' })), ['T4', 'T5'])
    for (const test of ['T4', 'T5']) expect(judgements.find((each) => each.test === test)?.passed).toBe(false)
  })

  it('of paths that favour a node fails', () => {
    const biased = [2, 1, 1, 1, 1, 1, 1, 1, 1]
    expect(traceFairness(simulate(PARAMETERS, { biased }))?.p).toBeLessThan(1e-6)
    // The same weights are fair when the network says so.
    expect(traceFairness(simulate(PARAMETERS, { weights: biased }))?.p).toBeGreaterThan(0.01)
  })

  it('that is too short, or does not say what delays it should have, is refused', () => {
    const trace = simulate({ ...PARAMETERS, durationMs: 1_100 })
    const short = { ...trace, hops: { ...trace.hops, inUs: trace.hops.inUs.map((at) => at / 10) } }
    expect(() => observe(short)).toThrow(/too short/)
    expect(() => observe({ ...trace, meanDelayUs: undefined })).toThrow(/how long nodes delay/)
  })
})

describe('judgements', () => {
  it('correct for the number of comparisons', () => {
    expect(noneRejected([0.004, 0.5, 0.9], 0.01)).toBe(true)
    expect(noneRejected([0.003, 0.5, 0.9], 0.01)).toBe(false)
    expect(noneRejected([0.009], 0.01)).toBe(false)
  })

  it('do not hold when the control passes too', () => {
    const [judgement] = verdict(observe(simulate(PARAMETERS)), ['T14']).judgements
    if (judgement === undefined) throw new Error('nothing judged')
    expect(holds(judgement)).toBe(true)
    expect(holds({ ...judgement, control: { ...judgement.control, passed: true } })).toBe(false)
  })

  it('of choices are those of an independent chi-square', () => {
    const [counts, weights] = [
      [480, 270, 250],
      [2, 1, 1],
    ]
    expect(pathFairness(counts, weights).p).toBeCloseTo(chiSquareP(counts, [500, 250, 250]), 9)
    expect(pathFairness([10, 10], [1, 0]).p).toBe(0)
  })
})
