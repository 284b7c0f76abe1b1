/** Somebody keeps back what goes through a node, and the detector of nodes must notice by their loops (T10). */
import type { SeededRandom } from '../../../core/index.ts'
import { type Judgement, judged, missedWithin, type Values } from '../../analysis/index.ts'
import { LossDetector, lossThresholds } from '../../cover/index.ts'
import { exponential, stream } from '../random.ts'

export interface BlendingScenario {
  /** Loops that a node sends each second (λ_M). */
  readonly loopsPerS: number
  /** Share of loops that is lost when nobody attacks. */
  readonly normalLoss: number
  readonly trials: number
  /** Days without an attack that are looked at for false alarms. */
  readonly quietDays: number
  readonly seed: number
}

export const BLENDING_DEFAULTS: BlendingScenario = {
  loopsPerS: 1,
  normalLoss: 0.01,
  trials: 2_000,
  quietDays: 20,
  seed: 1,
}

/** What a node gives its loops as a whole: half of the one alarm a day. */
const FALSE_ALARMS = 0.5
const FALSE_ALARMS_MOST = 1
/** Mean gaps between loops, 1/λ_M, that finding a whole blockade may take. */
const GAPS_MOST = 5
const DAY_S = 86_400
/** Loops before the attack: the detector's longest window is full. */
const QUIET_LOOPS = 512
/** Mean gaps after which an attack that raised no alarm is not noticed. */
const PATIENCE_GAPS = 100

/** Detection of a whole blockade within 5/λ_M seconds on average, and less than one false alarm a day. */
export function judgeBlending(scenario: BlendingScenario): Judgement {
  const isGood = (found: Values): boolean =>
    found.detected === 1 &&
    (found.mean_gaps as number) < GAPS_MOST &&
    (found.false_alarms_per_day as number) < FALSE_ALARMS_MOST
  const demand = `found within ${GAPS_MOST}/λ on average, under ${FALSE_ALARMS_MOST} false alarm a day`
  const quiet = { false_alarms_per_day: falseAlarms(scenario) }
  return judged(
    'T10',
    demand,
    isGood,
    { ...detection(scenario, 1), ...quiet },
    {
      name: 'an attacker who can tell loops from packets and lets them through',
      values: { ...detection(scenario, 0), ...quiet },
    },
  )
}

/** @param blocked share of loops that the attacker keeps back */
export function detection(scenario: BlendingScenario, blocked: number): Values {
  const { loopsPerS, trials, seed } = scenario
  const random = stream(seed, 7)
  const runs = Array.from({ length: trials }, () => attack(scenario, blocked, random))
  const alarms = runs.flatMap(({ alarmS }) => (alarmS === undefined ? [] : [alarmS]))
  const meanS = alarms.reduce((sum, at) => sum + at, 0) / Math.max(1, alarms.length)
  return {
    detected: alarms.length / trials,
    mean_s: meanS,
    mean_gaps: meanS * loopsPerS,
    // The first loop that is missed within one mean gap: what happened beside the law of Loopix.
    missed_in_one_gap: runs.filter(({ missS }) => missS <= 1 / loopsPerS).length / trials,
    missed_in_one_gap_law: missedWithin(loopsPerS, blocked, 1 / loopsPerS),
  }
}

function attack(
  scenario: BlendingScenario,
  blocked: number,
  random: SeededRandom,
): { readonly alarmS: number | undefined; readonly missS: number } {
  const { loopsPerS, normalLoss } = scenario
  const detector = detectorOf(scenario)
  for (let i = 0; i < QUIET_LOOPS; i++) detector.add(false)
  let missS = Number.POSITIVE_INFINITY
  for (let at = 0; at < PATIENCE_GAPS / loopsPerS; ) {
    at += exponential(random, 1 / loopsPerS)
    const isBlocked = random.chance(blocked)
    if (isBlocked) missS = Math.min(missS, at)
    if (detector.add(isBlocked || random.chance(normalLoss)) && blocked > 0) return { alarmS: at, missS }
  }
  return { alarmS: undefined, missS }
}

function falseAlarms(scenario: BlendingScenario): number {
  const { loopsPerS, normalLoss, quietDays, seed } = scenario
  const random = stream(seed, 9)
  let [detector, alarms] = [detectorOf(scenario), 0]
  for (let i = 0; i < quietDays * DAY_S * loopsPerS; i++) {
    if (!detector.add(random.chance(normalLoss))) continue
    alarms++
    // Somebody looks at it, and it starts anew: an alarm that never ends must not count as one.
    detector = detectorOf(scenario)
  }
  return alarms / quietDays
}

function detectorOf({ loopsPerS }: BlendingScenario): LossDetector {
  return new LossDetector(lossThresholds(FALSE_ALARMS, loopsPerS * DAY_S))
}
