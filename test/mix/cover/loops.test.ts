import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { EmissionSchedule } from '../../../src/lib/mix/cover/emission-schedule.ts'
import { LoopLedger } from '../../../src/lib/mix/cover/loop-ledger.ts'
import { loopTimeoutUs } from '../../../src/lib/mix/cover/loop-timeout.ts'
import { LossDetector, lossThresholds } from '../../../src/lib/mix/cover/loss-detector.ts'
import { SegmentStatistics } from '../../../src/lib/mix/cover/segment-statistics.ts'
import { judge } from '../../support/judge.ts'

const DAY_S = 86_400
const MEAN_US = 1_000_000
const TIMEOUT_US = 1_000_000

/** Least counts of losses that are too many, by exact fractions. */
const PYTHON = `
from fractions import Fraction
from math import comb
import json, sys
tails = {}
for n in (3, 8, 32, 128, 512):
    # In units of 100^-n: integers.
    terms = [comb(n, i) * 99**(n - i) for i in range(n + 1)] + [0]
    tail = [0] * (n + 2)
    for i in range(n, -1, -1): tail[i] = tail[i + 1] + terms[i]
    tails[n] = tail
out = []
for alarms, outcomes in json.load(sys.stdin):
    alpha = Fraction(alarms) / (5 * outcomes)
    out.append([next(k for k in range(1, n + 2) if tail[k] <= alpha * 100**n) for n, tail in tails.items()])
print(json.dumps(out))
`

describe('the alarm for lost loops', () => {
  it('has the thresholds of exact arithmetic', () => {
    if (judge('python3') === undefined) return
    const asked = [
      [0.5, DAY_S],
      [0.5, 10 * DAY_S],
      [1, 2_880],
      [0.25, 100],
    ] as const
    const { stdout, stderr } = spawnSync('python3', ['-c', PYTHON], {
      input: JSON.stringify(asked),
      encoding: 'utf8',
    })
    expect(stderr).toBe('')
    expect(asked.map(([alarms, outcomes]) => lossThresholds(alarms, outcomes))).toEqual(JSON.parse(stdout))
  })

  it('is false less than once a day when one loop in a hundred gets lost, over a month', () => {
    const detector = new LossDetector(lossThresholds(0.5, DAY_S))
    const random = new SeededRandom(41)
    let alarms = 0
    for (let i = 0; i < 30 * DAY_S; i++) if (detector.add(random.chance(0.01))) alarms++
    expect(alarms).toBeLessThan(30)
  })

  it('would be false more often with a bound that ignores how often it is asked: the control', () => {
    const detector = new LossDetector(lossThresholds(0.5, 10))
    const random = new SeededRandom(41)
    let alarms = 0
    for (let i = 0; i < 30 * DAY_S; i++) if (detector.add(random.chance(0.01))) alarms++
    expect(alarms).toBeGreaterThan(30)
  })

  it.each([0.03, 0.1, 0.3])('comes in the end when %d of the loops are held back', (share) => {
    const random = new SeededRandom(42)
    const detector = new LossDetector(lossThresholds(0.5, DAY_S))
    for (let i = 0; i < 1_000; i++) detector.add(random.chance(0.01))
    let loops = 0
    while (!detector.isAlarmed && loops < DAY_S) {
      detector.add(random.chance(0.01 + share))
      loops++
    }
    expect(loops).toBeLessThan(3_600)
  })

  it('is what counting the last 3, 8, 32, 128 and 512 outcomes says, at every moment', () => {
    const thresholds = [2, 3, 5, 9, 24]
    const detector = new LossDetector(thresholds)
    const random = new SeededRandom(43)
    const outcomes: boolean[] = []
    let raised = 0
    for (let i = 0; i < 4_000; i++) {
      outcomes.push(random.chance(i % 600 < 40 ? 0.3 : 0.03))
      const was = detector.isAlarmed
      const isRaised = detector.add(outcomes[i] as boolean)
      const expected = [3, 8, 32, 128, 512].some(
        (window, at) => outcomes.slice(-window).filter(Boolean).length >= (thresholds[at] as number),
      )
      expect(detector.isAlarmed).toBe(expected)
      expect(isRaised).toBe(expected && !was)
      if (isRaised) raised++
    }
    expect(raised).toBeGreaterThan(5)
  })

  it('ends when loops come back again', () => {
    const detector = new LossDetector(lossThresholds(0.5, DAY_S))
    const outcomes = [...Array<boolean>(20).fill(false), ...Array<boolean>(6).fill(true)]
    expect(outcomes.map((isLost) => detector.add(isLost)).filter(Boolean)).toHaveLength(1)
    expect(detector.isAlarmed).toBe(true)
    for (let i = 0; i < 512; i++) detector.add(false)
    expect(detector.isAlarmed).toBe(false)
  })
})

/** Loops of one node while somebody holds a share of them back from the start. */
function runLoops(
  seed: number,
  share: number,
  seconds: number,
): { ledger: LoopLedger; alarmS: number | undefined; firstLostS: number | undefined } {
  const random = new SeededRandom(seed)
  const schedule = new EmissionSchedule({
    processes: [{ kind: 'loop', meanUs: MEAN_US }],
    random,
    startUs: 0,
  })
  const ledger = new LoopLedger({ meanUs: MEAN_US, timeoutUs: TIMEOUT_US })
  const back: { readonly id: Uint8Array; readonly atUs: number }[] = []
  let alarmS: number | undefined
  let firstLostS: number | undefined
  for (let nowUs = 0; nowUs <= seconds * 1_000_000; nowUs += 20_000) {
    while (schedule.take(nowUs) !== undefined) {
      const id = random.bytes(16)
      ledger.sent(id, [], nowUs)
      if (random.chance(share)) firstLostS ??= nowUs / 1_000_000
      else back.push({ id, atUs: nowUs + 100_000 + random.below(200_000) })
    }
    for (const [i, { id, atUs }] of [...back.entries()].toReversed())
      if (atUs <= nowUs) {
        ledger.returned(id, nowUs)
        back.splice(i, 1)
      }
    if (ledger.expire(nowUs)) alarmS ??= nowUs / 1_000_000
  }
  return { ledger, alarmS, firstLostS }
}

describe('loops of a node under the n-1 attack', () => {
  it('raise the alarm within five mean times between loops on average when nothing comes through', () => {
    const runs = Array.from({ length: 400 }, (_, seed) => runLoops(seed + 1, 1, 30).alarmS ?? 30)
    const mean = runs.reduce((sum, seconds) => sum + seconds, 0) / runs.length
    expect(mean).toBeLessThan(5)
    // Three loops have to be sent and to time out: sooner would be a guess.
    expect(Math.min(...runs)).toBeGreaterThan(TIMEOUT_US / 1_000_000)
  })

  it.each([1, 0.5])('are caught as 1 - exp(-lambda q t) says, q = %d', (share) => {
    const runs = Array.from({ length: 1_500 }, (_, seed) => runLoops(seed + 1, share, 4).firstLostS)
    for (const t of [1, 2, 3]) {
      const caught = runs.filter((seconds) => seconds !== undefined && seconds <= t).length / runs.length
      // Five standard deviations of the share, and the step of the simulation.
      expect(Math.abs(caught - (1 - Math.exp(-share * t)))).toBeLessThan(0.065 + 0.01)
    }
  })

  it('raise none when nobody attacks', () => {
    const { ledger, alarmS } = runLoops(7, 0, 600)
    expect(alarmS).toBeUndefined()
    expect(ledger.isBlocked).toBe(false)
    expect(ledger.counts).toMatchObject({ lost: 0, unjudged: 0, unknown: 0 })
  })
})

describe('the ledger of loops', () => {
  const path = [1, 2, 3, 1].map((node) => new Uint8Array(32).fill(node))
  const id = (n: number): Uint8Array => new Uint8Array(16).fill(n)
  const newLedger = (mostLoops = 10): LoopLedger =>
    new LoopLedger({ meanUs: MEAN_US, timeoutUs: TIMEOUT_US, mostLoops })

  it('counts each loop once, and answers that nobody waits for apart', () => {
    const ledger = newLedger()
    for (const n of [1, 2, 3]) ledger.sent(id(n), path, 0)
    expect(ledger.returned(id(1), 90_000)).toBe(90_000)
    expect(ledger.returned(id(1), 95_000)).toBeUndefined()
    expect(ledger.returned(id(9), 95_000)).toBeUndefined()
    ledger.expire(TIMEOUT_US)
    expect(ledger.counts).toEqual({ completed: 1, lost: 0, pending: 2, unjudged: 0, unknown: 2 })
    ledger.expire(TIMEOUT_US + 1)
    expect(ledger.counts).toEqual({ completed: 1, lost: 2, pending: 0, unjudged: 0, unknown: 2 })
  })

  it('remembers no more loops than it has room for', () => {
    const ledger = newLedger(2)
    for (const n of [1, 2, 3]) ledger.sent(id(n), path, 0)
    expect(ledger.counts).toMatchObject({ pending: 2, unjudged: 1 })
  })

  it('does not blame the network for a sleep of this machine', () => {
    const ledger = newLedger()
    ledger.expire(0)
    for (const n of [1, 2, 3, 4]) ledger.sent(id(n), path, 10)
    expect(ledger.expire(3_600_000_000)).toBe(false)
    expect(ledger.counts).toMatchObject({ lost: 0, unjudged: 4 })
  })

  it('stays calm when the clock goes back', () => {
    const ledger = newLedger()
    ledger.sent(id(1), path, 5_000_000)
    ledger.expire(5_000_000)
    ledger.expire(1_000)
    expect(ledger.counts).toMatchObject({ pending: 1, lost: 0 })
  })

  it('gives its segments once, for one report', () => {
    const ledger = newLedger()
    ledger.sent(id(1), path, 0)
    ledger.returned(id(1), 1)
    expect(ledger.takeSegments()).toHaveLength(3)
    expect(ledger.takeSegments()).toEqual([])
  })

  it.each([{ meanUs: 0 }, { timeoutUs: Number.NaN }, { mostLoops: 0 }])('is not made of %j', (change) => {
    expect(() => new LoopLedger({ meanUs: 1, timeoutUs: 1, mostLoops: 1, ...change })).toThrow(
      expect.objectContaining({ code: 'E_USAGE' }),
    )
  })
})

describe('segments', () => {
  const nodes = Array.from({ length: 9 }, (_, i) => new Uint8Array(32).fill(i + 1))
  const own = new Uint8Array(32)

  /** A thousand loops through three layers; `lossOf` says with which chance a link loses one. */
  function fill(lossOf: (from: number, to: number) => number, seed: number): SegmentStatistics {
    const random = new SeededRandom(seed)
    const statistics = new SegmentStatistics()
    for (let i = 0; i < 2_000; i++) {
      const picks = [0, 3, 6].map((base) => base + random.below(3))
      const path = [own, ...picks.map((pick) => nodes[pick] as Uint8Array), own]
      const isLost = picks.some((pick, at) => at > 0 && random.chance(lossOf(picks[at - 1] as number, pick)))
      statistics.add(path, isLost || random.chance(0.002))
    }
    return statistics
  }

  it('are all good in a good network', () => {
    expect(fill(() => 0, 51).suspects(0.05)).toEqual([])
  })

  it('are found when they lose loops, the worst first', () => {
    const [worst, ...others] = fill((from, to) => (from === 1 && to === 4 ? 0.2 : 0), 52).suspects(0.05)
    expect(worst).toMatchObject({ from: '02'.repeat(32), to: '05'.repeat(32) })
    // Its neighbours share its loops; these have none of them.
    const apart = others.filter(({ from, to }) => /^0[46]/.test(from) || /^0[46]/.test(to))
    expect(apart).toEqual([])
  })
})

describe('the timeout of a loop', () => {
  it.each([
    [1, (x: number) => Math.exp(-x)],
    [3, (x: number) => Math.exp(-x) * (1 + x + x ** 2 / 2)],
    [5, (x: number) => Math.exp(-x) * (1 + x + x ** 2 / 2 + x ** 3 / 6 + x ** 4 / 24)],
  ])('leaves one loop in ten thousand behind, %i delays', (delays, erlangTail) => {
    const means = (loopTimeoutUs(delays, 1e9) - 500_000) / 1e9
    expect(erlangTail(means)).toBeCloseTo(1e-4, 8)
  })
})
