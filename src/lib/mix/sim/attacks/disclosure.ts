/** How long one must watch somebody to know the contacts (T11). */
import { median } from '../../../bench/index.ts'
import type { SeededRandom } from '../../../core/index.ts'
import { DisclosureAttack, type Judgement, judged, type Round, type Values } from '../../analysis/index.ts'
import { stream } from '../random.ts'

export interface DisclosureScenario {
  readonly receivers: number
  readonly contacts: number
  /** Packets of all others that come out in one round. */
  readonly background: number
  /** Share of the rounds in which the person has something to send. */
  readonly activity: number
  /** Rounds after which the adversary gives up. */
  readonly patience: number
  readonly trials: number
  readonly seed: number
}

export const DISCLOSURE_DEFAULTS: DisclosureScenario = {
  receivers: 500,
  contacts: 10,
  background: 50,
  activity: 0.1,
  patience: 100_000,
  trials: 3,
  seed: 1,
}

/**
 * What the adversary sees of the person: when it sends (`none`); that it always sends (`sender`); and beside it that
 * every receiver fetches all the time, so that not even who gets something shows (`full`).
 */
type Protection = 'none' | 'sender' | 'full'

/** Contacts that must be known. */
const FOUND_SHARE = 0.95
/** Chance that a packet leaves the mixes in the round in which it came, and in each later one. */
const LEAVES = 0.5
const CHECK_EVERY = 1.1

/** Full cover must hide the contacts for all the rounds; without any the adversary must find them long before. */
export function judgeDisclosure(scenario: DisclosureScenario): Judgement {
  const [none, sender, full] = (['none', 'sender', 'full'] as const).map((protection) =>
    roundsToFind(scenario, protection),
  ) as [number, number, number]
  const values = { rounds: full, found: full < scenario.patience ? 1 : 0, sender_cover_rounds: sender }
  return judged(
    'T11',
    `contacts not found within ${scenario.patience} rounds`,
    ({ found }) => found === 0,
    values,
    { name: 'the same without cover', values: controlValues(none, scenario) },
  )
}

function controlValues(rounds: number, { patience }: DisclosureScenario): Values {
  return { rounds, found: rounds < patience ? 1 : 0 }
}

/** Median over the trials; `patience` where they were not found. */
export function roundsToFind(scenario: DisclosureScenario, protection: Protection): number {
  return median(
    Array.from({ length: scenario.trials }, (_, trial) =>
      roundsOfTrial(scenario, protection, stream(scenario.seed, 32 + trial)),
    ),
  )
}

function roundsOfTrial(scenario: DisclosureScenario, protection: Protection, random: SeededRandom): number {
  const { receivers, contacts, patience } = scenario
  const attack = new DisclosureAttack(receivers)
  const inside: number[] = []
  let nextCheck = 20
  for (let round = 1; round <= patience; round++) {
    attack.observe(playRound(scenario, protection, random, inside))
    if (round < nextCheck) continue
    nextCheck = Math.ceil(nextCheck * CHECK_EVERY)
    // Contacts are the first receivers; the adversary does not know that.
    const right = attack.suspects(contacts).filter((receiver) => receiver < contacts).length
    if (right >= FOUND_SHARE * contacts) return round
  }
  return patience
}

/** @param inside packets of the person that wait in the mixes: they leave in later rounds, as in a pool */
function playRound(
  { receivers, contacts, background, activity }: DisclosureScenario,
  protection: Protection,
  random: SeededRandom,
  inside: number[],
): Round {
  const sends = random.chance(activity)
  if (sends) inside.push(random.below(contacts))
  const leaving = inside.filter(() => random.chance(LEAVES))
  for (const receiver of leaving) inside.splice(inside.indexOf(receiver), 1)
  // With padding at the receivers every one of them seems to get the same, in each round.
  if (protection === 'full')
    return { active: true, receivers: Array.from({ length: background }, () => random.below(receivers)) }
  const others = Array.from({ length: background - leaving.length }, () => random.below(receivers))
  return { active: protection === 'sender' || sends, receivers: [...leaving, ...others] }
}
