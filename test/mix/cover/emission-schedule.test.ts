import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { exponentialCumulative, kolmogorovSmirnov } from '../../../src/lib/mix/analysis/statistics/index.ts'
import { ClientTraffic } from '../../../src/lib/mix/cover/client-traffic.ts'
import { EmissionSchedule } from '../../../src/lib/mix/cover/emission-schedule.ts'
import { rejectedByHolm } from '../../support/two-sample.ts'

const PROCESSES = [
  { kind: 'payload', meanUs: 20_000 },
  { kind: 'loop', meanUs: 200_000 },
  { kind: 'drop', meanUs: 50_000 },
] as const

interface Emission {
  readonly kind: string
  readonly atUs: number
}

/** What a caller who always comes in time sees, until `endUs`. */
function emissions(seed: number, endUs: number): Emission[] {
  const schedule = new EmissionSchedule({ processes: PROCESSES, random: new SeededRandom(seed), startUs: 0 })
  const out: Emission[] = []
  for (let atUs = schedule.nextDueUs; atUs <= endUs; atUs = schedule.nextDueUs)
    out.push({ kind: schedule.take(atUs) as string, atUs })
  return out
}

function gaps(all: readonly Emission[], kind: string): number[] {
  const times = [0, ...all.filter((each) => each.kind === kind).map(({ atUs }) => atUs)]
  return times.slice(1).map((at, i) => at - (times[i] as number))
}

describe('the times at which packets go', () => {
  const hour = emissions(21, 3_600_000_000)

  it('are Poisson processes with the rates that were asked for, and no others', () => {
    const ps = PROCESSES.map(
      ({ kind, meanUs }) => kolmogorovSmirnov(gaps(hour, kind), exponentialCumulative(meanUs)).p,
    )
    expect(rejectedByHolm(ps, 0.01)).toEqual([false, false, false])
    const wrong = kolmogorovSmirnov(gaps(hour, 'payload'), exponentialCumulative(20_000 * 1.02)).p
    expect(wrong).toBeLessThan(0.01)
  })

  it('are together one Poisson process again', () => {
    const all = hour.map(({ atUs }, i) => atUs - (hour[i - 1]?.atUs ?? 0))
    const meanUs = 1 / (1 / 20_000 + 1 / 200_000 + 1 / 50_000)
    expect(kolmogorovSmirnov(all, exponentialCumulative(meanUs)).p).toBeGreaterThan(0.01)
  })

  it('stay as they are when the caller is slow: its delays do not add up', () => {
    const schedule = new EmissionSchedule({ processes: PROCESSES, random: new SeededRandom(21), startUs: 0 })
    const kinds: (string | undefined)[] = []
    for (let nowUs = 0; nowUs <= 60_000_000; nowUs += 7_000)
      for (let kind = schedule.take(nowUs); kind !== undefined; kind = schedule.take(nowUs)) kinds.push(kind)
    expect(kinds).toEqual(hour.slice(0, kinds.length).map(({ kind }) => kind))
    expect(hour[kinds.length]?.atUs).toBeGreaterThan(60_000_000 - 7_000)
  })

  it('bring no burst after a sleep of the machine', () => {
    const schedule = new EmissionSchedule({ processes: PROCESSES, random: new SeededRandom(22), startUs: 0 })
    let sent = 0
    while (schedule.take(3_600_000_000) !== undefined) sent++
    expect(sent).toBeLessThanOrEqual(PROCESSES.length)
    expect(schedule.nextDueUs).toBeGreaterThan(3_600_000_000)
  })

  it('do not come back when the clock does', () => {
    const schedule = new EmissionSchedule({
      processes: PROCESSES,
      random: new SeededRandom(23),
      startUs: 5_000_000,
    })
    const due = schedule.nextDueUs
    expect(schedule.take(1_000_000)).toBeUndefined()
    expect(schedule.nextDueUs).toBe(due)
  })

  it('never come for a mean of 0, and a mean that is no time is refused', () => {
    const of = (meanUs: number) =>
      new EmissionSchedule({ processes: [{ kind: 'a', meanUs }], random: new SeededRandom(1), startUs: 0 })
    expect(of(0).nextDueUs).toBe(Number.POSITIVE_INFINITY)
    expect(of(0).take(1e15)).toBeUndefined()
    for (const meanUs of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => of(meanUs)).toThrow(/mean time/)
    const none = new EmissionSchedule({ processes: [], random: new SeededRandom(1), startUs: 0 })
    expect(none.take(1e15)).toBeUndefined()
  })
})

describe('the traffic of a client', () => {
  const parameters = { payloadUs: 20_000, loopUs: 200_000, dropUs: 50_000 }
  const start = (seed: number, mostWaiting?: number): ClientTraffic<number> =>
    new ClientTraffic({
      parameters,
      random: new SeededRandom(seed),
      startUs: 0,
      ...(mostWaiting === undefined ? {} : { mostWaiting }),
    })

  it('goes at the same times whether there is something to say or not', () => {
    const [busy, idle] = [start(31), start(31)]
    const random = new SeededRandom(32)
    let payloads = 0
    for (let i = 0; i < 20_000; i++) {
      if (random.chance(0.4)) busy.enqueue(i)
      expect(busy.nextDueUs).toBe(idle.nextDueUs)
      const [said, silent] = [busy.next(busy.nextDueUs), idle.next(idle.nextDueUs)]
      if (said?.kind === 'payload') payloads++
      expect(said?.kind === 'payload' ? 'drop' : said?.kind).toBe(silent?.kind)
    }
    expect(payloads).toBeGreaterThan(5_000)
  })

  it('keeps payloads in order and loses none', () => {
    const traffic = start(33)
    const random = new SeededRandom(34)
    const got: number[] = []
    let sent = 0
    for (let i = 0; i < 30_000; i++) {
      while (sent < 5_000 && random.chance(0.6)) if (traffic.enqueue(sent)) sent++
      const packet = traffic.next(traffic.nextDueUs)
      if (packet?.kind === 'payload') got.push(packet.payload)
    }
    expect(got).toEqual(Array.from({ length: 5_000 }, (_, i) => i))
    expect(traffic.waiting).toBe(0)
  })

  it('takes no more payloads than there is room for', () => {
    const traffic = start(35, 2)
    expect([1, 2, 3].map((payload) => traffic.enqueue(payload))).toEqual([true, true, false])
    expect(traffic.waiting).toBe(2)
  })

  it('needs a payload stream', () => {
    expect(
      () =>
        new ClientTraffic({
          parameters: { ...parameters, payloadUs: 0 },
          random: new SeededRandom(1),
          startUs: 0,
        }),
    ).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })
})
