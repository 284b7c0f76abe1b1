/**
 * Fallbacks on a simulated clock: attempts that fail or hang, cover connections that fail or end early, users who give up,
 * several in a row that share one budget. Every action is checked against what section 11 promises; a seed repeats.
 */
import { ManualClock, SeededRandom } from '../../src/lib/core/index.ts'
import {
  type FallbackAction,
  FallbackMachine,
  type FallbackOutcome,
} from '../../src/lib/htx/camouflage/fallback/fallback-machine.ts'
import { RetryBudget } from '../../src/lib/htx/camouflage/fallback/retry-budget.ts'

const ORIGINS = ['https://a.example/', 'https://b.example/', 'https://c.example/', 'https://d.example/']
/** Nothing may be open longer, milliseconds: retries, pauses and the longest life of a cover connection. */
const LAST_MS = 200_000

/** The four delays as they were seen from outside, milliseconds. */
export interface Delays {
  readonly afterUdp: number[]
  readonly beforeCover: number[]
  readonly beforeRetry: number[]
  readonly life: number[]
}

export interface FallbackScenario {
  readonly hasUdp: boolean
  readonly covers: number
  /** When an attempt ends, milliseconds after its start; infinity when it hangs. */
  readonly udp: () => { readonly ms: number; readonly works: boolean }
  readonly retry: () => { readonly ms: number; readonly works: boolean }
  readonly cover: () => { readonly ms: number; readonly works: boolean; readonly endsAfterMs: number }
  /** Milliseconds of user traffic from the opening of a cover connection. */
  readonly trafficMs: () => number
  readonly abortAtMs: number
}

interface LiveCover {
  openedAt: number | undefined
  trafficUntil: number
}

class FallbackWorld {
  readonly #clock: ManualClock
  readonly #scenario: FallbackScenario
  readonly #machine: FallbackMachine
  readonly #delays: Delays
  readonly #retryTimes: number[]
  readonly #covers = new Map<number, LiveCover>()
  #running: 'udp' | 'retry' | undefined
  /** When the decision to retry was taken, as far as it shows. */
  #decidedAt: number
  #coveredAt: number | undefined
  #udpEndedAt: number | undefined
  #isAborted = false
  outcome: FallbackOutcome | undefined

  constructor(
    clock: ManualClock,
    random: SeededRandom,
    budget: RetryBudget,
    scenario: FallbackScenario,
    seen: { readonly delays: Delays; readonly retryTimes: number[] },
  ) {
    this.#clock = clock
    this.#scenario = scenario
    this.#delays = seen.delays
    this.#retryTimes = seen.retryTimes
    this.#decidedAt = clock.now()
    const { hasUdp, covers } = scenario
    this.#machine = new FallbackMachine({ clock, random, budget, hasUdp, covers, origins: ORIGINS })
  }

  run(): void {
    const begun = this.#clock.now()
    const { abortAtMs } = this.#scenario
    if (abortAtMs < Number.POSITIVE_INFINITY) this.#clock.schedule(abortAtMs, () => this.#abort())
    this.#tell(() => this.#machine.begin())
    for (;;) {
      const next = Math.min(
        this.#machine.nextDeadline(),
        this.#clock.nextTimerAt() ?? Number.POSITIVE_INFINITY,
      )
      if (next === Number.POSITIVE_INFINITY) break
      if (next > begun + LAST_MS) throw new Error('something stays open')
      this.#clock.advance(Math.max(0, next - this.#clock.now()))
      this.#tell(() => this.#machine.tick())
    }
    this.#require(this.#machine.isDone, 'it is not done')
    this.#require(this.#running === undefined, `${this.#running} still runs`)
    this.#require(this.#covers.size === 0, 'cover connections stay open')
    this.#require(this.outcome !== undefined, 'no outcome')
  }

  #abort(): void {
    this.#isAborted = true
    this.#tell(() => this.#machine.abort())
    this.#require(this.#machine.isDone && this.#covers.size === 0, 'something is left after an abort')
    this.#require(this.#running === undefined, 'an attempt runs on after an abort')
  }

  #tell(event: () => void): void {
    event()
    for (const action of this.#machine.takeActions()) this.#act(action)
  }

  #act(action: FallbackAction): void {
    const now = this.#clock.now()
    if (action.what !== 'close-cover')
      this.#require(this.outcome === undefined, `${action.what} after the end`)
    switch (action.what) {
      case 'start-udp':
        this.#require(this.#scenario.hasUdp && this.#coveredAt === undefined, 'UDP comes first')
        this.#start('udp')
        return
      case 'start-retry':
        this.#startRetry(now)
        return
      case 'stop-udp':
      case 'stop-retry':
        this.#require(action.what === `stop-${this.#running}`, `${action.what} of what does not run`)
        if (action.what === 'stop-udp') this.#udpEndedAt = now
        this.#running = undefined
        this.#decidedAt = now
        return
      case 'open-cover':
        this.#open(action.cover, now)
        return
      case 'close-cover':
        this.#close(action.cover, now)
        return
      case 'finish':
        this.#require(this.#running === undefined, 'it finished while an attempt ran')
        this.outcome = action.outcome
    }
  }

  #start(what: 'udp' | 'retry'): void {
    this.#require(this.#running === undefined, 'two attempts at once')
    this.#running = what
    const { ms, works } = this.#scenario[what]()
    if (ms === Number.POSITIVE_INFINITY) return
    this.#clock.schedule(ms, () => {
      if (this.#running !== what) return
      this.#running = undefined
      this.#decidedAt = this.#clock.now()
      if (what === 'udp') this.#udpEndedAt = this.#clock.now()
      this.#tell(() => {
        if (what === 'udp') works ? this.#machine.udpSucceeded() : this.#machine.udpFailed()
        else works ? this.#machine.retrySucceeded() : this.#machine.retryFailed()
      })
    })
  }

  #startRetry(now: number): void {
    const { covers } = this.#scenario
    this.#require(this.#covers.size >= covers, 'a retry without its cover connections')
    const since = this.#coveredAt ?? this.#decidedAt
    if (covers > 0) this.#require(this.#coveredAt !== undefined, 'a retry before its cover connections')
    // Without cover connections the pause after UDP shows only in the sum with this delay.
    const pause = this.#udpEndedAt === undefined ? { min: 0, max: 0 } : { min: 200, max: 1_200 }
    this.#udpEndedAt = undefined
    this.#delays.beforeRetry.push(now - since)
    this.#require(
      now - since >= 100 + pause.min && now - since <= 700 + pause.max,
      `${now - since} ms before the retry`,
    )
    this.#coveredAt = undefined
    this.#retryTimes.push(now)
    const [third] = this.#retryTimes.slice(-3)
    if (this.#retryTimes.length >= 3)
      this.#require(now - (third as number) >= 60_000, 'three retries a minute')
    this.#start('retry')
  }

  #open(cover: number, now: number): void {
    this.#require(this.#running === undefined, 'a cover connection while an attempt runs')
    if (this.#coveredAt === undefined) this.#noteCoverDelay(now)
    const live: LiveCover = { openedAt: undefined, trafficUntil: 0 }
    this.#covers.set(cover, live)
    const { ms, works, endsAfterMs } = this.#scenario.cover()
    if (ms === Number.POSITIVE_INFINITY) return
    this.#clock.schedule(ms, () => {
      if (this.#covers.get(cover) !== live) return
      if (!works) {
        this.#covers.delete(cover)
        this.#tell(() => this.#machine.coverEnded(cover))
        return
      }
      live.openedAt = this.#clock.now()
      this.#tell(() => this.#machine.coverOpened(cover))
      this.#carryTraffic(cover, live)
      if (endsAfterMs === Number.POSITIVE_INFINITY) return
      this.#clock.schedule(endsAfterMs, () => {
        if (this.#covers.delete(cover)) this.#tell(() => this.#machine.coverEnded(cover))
      })
    })
  }

  #carryTraffic(cover: number, live: LiveCover): void {
    const ms = this.#scenario.trafficMs()
    if (ms === 0) return
    live.trafficUntil = this.#clock.now() + ms
    this.#tell(() => this.#machine.coverTraffic(cover, true))
    this.#clock.schedule(ms, () => this.#tell(() => this.#machine.coverTraffic(cover, false)))
  }

  #close(cover: number, now: number): void {
    const live = this.#covers.get(cover)
    if (live === undefined) throw new Error('a cover connection is closed twice')
    this.#covers.delete(cover)
    if (this.#isAborted || live.openedAt === undefined) return
    this.#require(now >= live.trafficUntil, 'a cover connection was closed under its traffic')
    if (live.trafficUntil > 0) return
    const life = now - live.openedAt
    this.#delays.life.push(life)
    this.#require(life >= 3_000 && life <= 15_000, `a cover connection lived ${life} ms`)
  }

  #noteCoverDelay(now: number): void {
    this.#coveredAt = now
    const since = now - this.#decidedAt
    if (this.#udpEndedAt === undefined) {
      this.#delays.beforeCover.push(since)
      this.#require(since <= 1_000, `${since} ms before the cover connections`)
      return
    }
    // The pause after UDP ends within the machine: from outside only the sum with the next delay is seen.
    this.#delays.afterUdp.push(now - this.#udpEndedAt)
    this.#require(since >= 200 && since <= 2_200, `${since} ms after UDP`)
    this.#udpEndedAt = undefined
  }

  #require(holds: boolean, what: string): void {
    if (!holds) throw new Error(`${what}, at ${this.#clock.now()} ms`)
  }
}

export interface FallbackResult {
  readonly delays: Delays
  readonly retryTimes: readonly number[]
  readonly outcomes: readonly FallbackOutcome[]
}

/** Runs so many fallbacks one after another, each as `draw` says. @throws Error that names the promise that broke */
export function runFallbacks(
  seed: number,
  count: number,
  draw: (random: SeededRandom) => FallbackScenario,
): FallbackResult {
  const clock = new ManualClock()
  const random = new SeededRandom(seed)
  const budget = new RetryBudget(clock)
  const seen = {
    delays: { afterUdp: [], beforeCover: [], beforeRetry: [], life: [] } as Delays,
    retryTimes: [] as number[],
  }
  const outcomes: FallbackOutcome[] = []
  try {
    for (let i = 0; i < count; i++) {
      const world = new FallbackWorld(clock, new SeededRandom(seed * 64 + i), budget, draw(random), seen)
      world.run()
      outcomes.push(world.outcome as FallbackOutcome)
      clock.advance(random.chance(0.5) ? 0 : random.below(90_000))
    }
  } catch (cause) {
    throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause })
  }
  return { ...seen, outcomes }
}

/** Any fault at any time. */
function drawFaults(random: SeededRandom): FallbackScenario {
  const end = (most: number, worksChance: number) => () => ({
    ms: random.chance(0.15) ? Number.POSITIVE_INFINITY : random.below(most),
    works: random.chance(worksChance),
  })
  const bad = random.chance(0.3)
  return {
    hasUdp: random.chance(0.4),
    covers: random.chance(0.15) ? 0 : 2,
    udp: end(4_000, 0.2),
    retry: end(35_000, 0.4),
    cover: () => ({
      ...end(bad ? 600 : 3_000, bad ? 0.3 : 0.9)(),
      endsAfterMs: random.chance(0.1) ? random.below(16_000) : Number.POSITIVE_INFINITY,
    }),
    trafficMs: () => (random.chance(0.1) ? random.below(30_000) : 0),
    abortAtMs: random.chance(0.4) ? random.below(25_000) : Number.POSITIVE_INFINITY,
  }
}

/** One simulation for a seed. */
export function simulateFallback(seed: number): FallbackResult {
  return runFallbacks(seed, 1 + (seed % 4), drawFaults)
}
