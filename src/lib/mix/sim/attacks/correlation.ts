/** Flow correlation (T5) against the three ways of sending, with enough pairs to see a small advantage. */
import {
  correlateFlows,
  type FlowPair,
  isGuessing,
  type Judgement,
  judged,
  rocValues,
  SCORES,
  type Values,
} from '../../analysis/index.ts'
import type { Cover } from '../parameters.ts'
import { exponential, poissonTimes, stream } from '../random.ts'

export interface CorrelationScenario {
  readonly pairs: number
  readonly durationMs: number
  /** Packets a second that a client may send; what it sends in a burst where there is no cover. */
  readonly rate: number
  readonly meanDelayMs: number
  readonly hops: number
  readonly seed: number
}

/** With 1,000 pairs and ten times as many false ones a guess is within 0.03 of one half up to 3 standard errors. */
export const CORRELATION_DEFAULTS: CorrelationScenario = {
  pairs: 1_000,
  durationMs: 16_000,
  rate: 20,
  meanDelayMs: 33,
  hops: 3,
  seed: 1,
}

/** Clients talk in bursts: two seconds of talk, four of silence, in the mean. */
const TALK_MS = 2_000
const SILENCE_MS = 4_000
const OTHERS_EACH = 10
/** A pair is linked when more than half of the pairs are found while one in a hundred is accused wrongly. */
const LINKED_TPR = 0.5
const PARTS = [1 / 8, 1 / 4, 1 / 2, 1] as const

/** What each sender sends and its partner receives. */
export function correlationPairs(scenario: CorrelationScenario, cover: Cover): FlowPair[] {
  return Array.from({ length: scenario.pairs }, (_, pair) => pairOf(scenario, cover, pair))
}

function pairOf(scenario: CorrelationScenario, cover: Cover, pair: number): FlowPair {
  const { durationMs, rate, seed } = scenario
  const random = stream(seed, 16 + pair)
  const talks = bursts(random, durationMs)
  const isTalking = (at: number): boolean => talks.some(([from, until]) => at >= from && at < until)
  const slots = poissonTimes(random, 1000 / rate, 0, durationMs)
  const real = slots.filter(isTalking)
  const through = (times: readonly number[]): number[] => times.map((at) => at + travel(random, scenario))
  if (cover === 'none') return { sent: Float64Array.from(real), received: sorted(through(real)) }
  const sent = Float64Array.from(slots)
  if (cover === 'nym') {
    // The one who listens has nothing to say: all that it sends are loops, which come back between what it gets.
    const loops = poissonTimes(random, 1000 / rate, 0, durationMs)
    return { sent, received: sorted([...through(real), ...through(loops)]) }
  }
  const gap = 1000 / rate
  const phase = exponential(random, gap) % gap
  const polls = Array.from({ length: Math.floor((durationMs - phase) / gap) }, (_, i) => phase + i * gap)
  return { sent, received: Float64Array.from(polls) }
}

function bursts(random: ReturnType<typeof stream>, durationMs: number): [number, number][] {
  const found: [number, number][] = []
  // The first silence begins before the observation, so that talk is as likely at its start as later.
  for (let at = -exponential(random, SILENCE_MS); at < durationMs; ) {
    const from = at + exponential(random, SILENCE_MS)
    const until = from + exponential(random, TALK_MS)
    found.push([from, until])
    at = until
  }
  return found
}

function travel(random: ReturnType<typeof stream>, { hops, meanDelayMs }: CorrelationScenario): number {
  let sum = 0
  for (let hop = 0; hop < hops; hop++) sum += exponential(random, meanDelayMs)
  return sum
}

function sorted(times: readonly number[]): Float64Array {
  return Float64Array.from(times).sort()
}

/** Constant-rate cover against no cover; what a network of Nym's kind gives stands beside it. */
export function judgeCorrelationAttack(scenario: CorrelationScenario): Judgement {
  const full = attack(scenario, 'loopix')
  const nym = attack(scenario, 'nym')
  const bare = attack(scenario, 'none')
  const beside = Object.fromEntries(SCORES.map((name) => [`nym_${name}_auc`, nym[`${name}_auc`] as number]))
  const nymLink = linkMs(scenario, 'nym')
  const bareLink = linkMs(scenario, 'none')
  const judgement = judged(
    'T5',
    'area under the curve 0.5 ± 0.03 with constant-rate cover',
    isGuessing,
    { ...full, ...beside, ...(nymLink === undefined ? {} : { nym_link_ms: nymLink }) },
    {
      name: 'the same without cover',
      values: { ...bare, ...(bareLink === undefined ? {} : { link_ms: bareLink }) },
    },
  )
  // The attack must have power: not only pass where it should not, but nearly always find the pair.
  const hasPower = SCORES.some((name) => (bare[`${name}_auc`] as number) > 0.95)
  return hasPower ? judgement : { ...judgement, control: { ...judgement.control, passed: true } }
}

function attack(scenario: CorrelationScenario, cover: Cover): Values {
  const curves = curvesOf(scenario, cover, scenario.durationMs)
  return rocValues(curves, scenario.pairs)
}

function curvesOf(
  scenario: CorrelationScenario,
  cover: Cover,
  durationMs: number,
): ReturnType<typeof correlateFlows> {
  const pairs = correlationPairs(scenario, cover).map(({ sent, received }) => ({
    sent: sent.filter((at) => at < durationMs),
    received: received.filter((at) => at < durationMs),
  }))
  const { meanDelayMs, hops } = scenario
  return correlateFlows(pairs, { meanDelayMs, hops, durationMs, othersEach: OTHERS_EACH })
}

/** How long one must watch to link; undefined when the whole time is not enough. */
function linkMs(scenario: CorrelationScenario, cover: Cover): number | undefined {
  const smaller = { ...scenario, pairs: Math.min(200, scenario.pairs) }
  for (const part of PARTS) {
    const durationMs = part * scenario.durationMs
    const curves = curvesOf(smaller, cover, durationMs)
    if (SCORES.some((name) => curves[name].tprAt(0.01) > LINKED_TPR)) return durationMs
  }
  return undefined
}
