import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import {
  arrivalEntropy,
  exponentialMixEntropy,
  measuredEntropy,
  observe,
  poolEntropy,
  senderUnlinkability,
  targetEntropies,
} from '../../../src/lib/mix/analysis/index.ts'
import { SIM_DEFAULTS, type SimParameters, simulate } from '../../../src/lib/mix/sim/index.ts'

const WINDOW = { from: 1_000, until: Number.POSITIVE_INFINITY }

function exponentials(random: SeededRandom, mean: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => -mean * Math.log((random.uint32() + 0.5) / 2 ** 32))
}

function nodeTimes(perS: number, meanMs: number, count: number, delay?: number) {
  const random = new SeededRandom(42)
  let at = 0
  const arrivals = exponentials(random, 1000 / perS, count).map((gap) => (at += gap))
  const delays = exponentials(random, meanMs, count)
  return { in: arrivals, out: arrivals.map((time, i) => time + (delay ?? (delays[i] as number))) }
}

/** A network with so many packets a second in all: each client sends all the time. */
function network(perS: number, meanDelayMs: number, changes: Partial<SimParameters> = {}) {
  const parameters = { ...SIM_DEFAULTS, cover: 'nym' as const, clients: 100, rate: perS / 100 }
  return observe(simulate({ ...parameters, meanDelayMs, durationMs: 6_000, ...changes }))
}

describe('one exponential node', () => {
  // Danezis, PET 2004, equation 13, worked out.
  it.each([
    [333, 35, 4.99],
    [100, 50, 3.76],
    [1000, 35, 6.57],
  ])(
    'with %i packets a second and %i ms has %f bits by the formula, and by all three measures',
    (perS, meanMs, bits) => {
      expect(exponentialMixEntropy(perS, meanMs)).toBeCloseTo(bits, 2)
      const times = nodeTimes(perS, meanMs, 20_000)
      for (const measured of [
        arrivalEntropy(times, meanMs, WINDOW),
        poolEntropy(times, WINDOW),
        measuredEntropy(times, { ...WINDOW, until: times.in.at(-1) as number }),
      ])
        expect(Math.abs(measured - bits)).toBeLessThan(0.15)
    },
  )

  it('that delays by a fixed time hides next to nothing from one who knows how it delays', () => {
    const times = nodeTimes(333, 35, 20_000, 35)
    expect(measuredEntropy(times, { ...WINDOW, until: times.in.at(-1) as number })).toBeLessThan(1.5)
  })
})

describe('the recursion of Loopix', () => {
  it('gives one bit for two packets in an empty pool, also for the second to leave', () => {
    const times = { in: Float64Array.of(1, 2), out: Float64Array.of(3, 4) }
    expect(poolEntropy(times, { from: 0, until: 9 })).toBe(1)
  })

  it('joins what was left with what is new', () => {
    // Two come, one goes (1 bit); two more come, one goes: one of three is old, H2(1/3) + 2/3 * 1 + 1/3 * 1.
    const times = { in: Float64Array.of(1, 2, 4, 5), out: Float64Array.of(3, 6) }
    const second = -(1 / 3) * Math.log2(1 / 3) - (2 / 3) * Math.log2(2 / 3) + 1
    expect(poolEntropy(times, { from: 0, until: 9 })).toBeCloseTo((1 + second) / 2, 12)
  })
})

describe('a packet in a network of three layers', () => {
  // Values of the project's specification, by another implementation: nodes, packets a second, mean delay, bits.
  it.each([
    [9, 1000, 35, 7.78],
    [9, 300, 35, 5.73],
    [9, 3000, 35, 9.38],
    [30, 3000, 35, 9.35],
    [9, 1000, 50, 8.3],
  ])('of %i nodes with %i packets a second and %i ms has about %f bits', (nodes, perS, meanMs, bits) => {
    const observation = network(perS, meanMs, { nodes })
    const { mean, bits: each } = targetEntropies(observation, observation.fromUs, 120)
    expect(each).toHaveLength(120)
    expect(Math.abs(mean - bits)).toBeLessThan(0.2)
  })

  it('loses half a bit when a fifth of the nodes tell on it', () => {
    const observation = network(1000, 35)
    // Two of nine; over all choices of each node with chance 0.2 the specification has 7.27 instead of 7.78.
    const corrupt = new Set([0, 4])
    const { mean } = targetEntropies({ ...observation, corrupt }, observation.fromUs, 120)
    expect(Math.abs(mean - 7.27)).toBeLessThan(0.25)
  })

  it('hides nowhere when all of them do', () => {
    const observation = network(1000, 35)
    const corrupt = new Set(Array.from({ length: 9 }, (_, i) => i))
    const { mean } = targetEntropies({ ...observation, corrupt }, observation.fromUs, 20)
    expect(Math.abs(mean)).toBe(0)
  })
})

describe('two senders', () => {
  function p95(changes: Partial<SimParameters>): number {
    const { trace, moments, fromUs } = observe(
      simulate({ ...SIM_DEFAULTS, clients: 40, durationMs: 6_000, ...changes }),
    )
    const epsilons = [0, 2, 4, 6, 8].flatMap(
      (i) => senderUnlinkability(trace, moments, [i, i + 1], fromUs).epsilons,
    )
    return epsilons.toSorted((a, b) => a - b)[Math.floor(0.95 * epsilons.length)] as number
  }

  it('are told apart less with more cover, and with longer delays', () => {
    const [little, usual, much, slow] = [{ rate: 10 }, {}, { rate: 100 }, { meanDelayMs: 66 }].map(p95)
    expect(usual).toBeLessThan(little as number)
    expect(much).toBeLessThan(usual as number)
    expect(slow).toBeLessThan(usual as number)
  })

  it('are told apart wholly when one of them is silent', () => {
    const { trace, moments, fromUs } = observe(
      simulate({ ...SIM_DEFAULTS, cover: 'none', clients: 40, durationMs: 6_000 }),
    )
    const { epsilons } = senderUnlinkability(trace, moments, [0, 30], fromUs)
    expect(epsilons.length).toBeGreaterThan(20)
    expect(epsilons.every((epsilon) => epsilon === Number.POSITIVE_INFINITY)).toBe(true)
  })
})
