/**
 * Two sessions, two applications and a faulty link between them, all driven by one seed on one manual clock. A run
 * either satisfies every invariant or throws; the same seed does the same again.
 */
import { AivError, ManualClock, SeededRandom } from '../../src/lib/core/index.ts'
import { CODE, type SessionEnd } from '../../src/lib/htx/codes.ts'
import type { MuxStream } from '../../src/lib/htx/session/index.ts'
import { type ActorWorld, type Sabotage, StreamActor } from './session-application.ts'
import { SimulatedEndpoint } from './session-endpoint.ts'
import { directionsFor } from './session-keys.ts'
import { DirectionLedger, type SideName, SimulationFailure, WireTap } from './session-ledger.ts'
import { drawScenario, type Scenario } from './session-scenario.ts'

/** Simulated time after which a run is called endless. */
const MOST_MS = 30 * 60_000
const MOST_STEPS = 2_000_000
/** Largest single write of an application, bytes. */
const WRITE_MOST = 9_000

export interface SimulationResult {
  readonly scenario: Scenario
  readonly ends: { readonly c: SessionEnd; readonly s: SessionEnd }
  /** True when a fault of the link reached a session. */
  readonly faulted: boolean
  readonly streams: number
  readonly deliveredBytes: number
  readonly frames: number
  readonly rekeys: number
  readonly simulatedMs: number
  /** How often a stream was told each thing, and how many streams were refused. */
  readonly told: Readonly<Record<string, number>>
  /** Equal for two runs that did the same things at the same times. */
  readonly trace: number
}

export interface SimulationOptions {
  readonly sabotage?: Sabotage
}

const other = (side: SideName): SideName => (side === 'c' ? 's' : 'c')

class Simulation {
  readonly #clock = new ManualClock()
  readonly #scenario: Scenario
  readonly #random: SeededRandom
  readonly #seed: number
  readonly #sabotage: Sabotage | undefined
  readonly #ledgers = new Map<string, DirectionLedger>()
  readonly #taps = { c: new WireTap(), s: new WireTap() }
  readonly #actors: { c: StreamActor[]; s: StreamActor[] } = { c: [], s: [] }
  readonly #ends: { c: SessionEnd | undefined; s: SessionEnd | undefined } = { c: undefined, s: undefined }
  readonly #sides: { readonly c: SimulatedEndpoint; readonly s: SimulatedEndpoint }
  readonly #unread = { c: 0, s: 0 }
  readonly #told = new Map<string, number>()
  #trace = 0
  #steps = 0

  constructor(seed: number, { sabotage }: SimulationOptions) {
    this.#seed = seed
    this.#sabotage = sabotage
    this.#random = new SeededRandom(seed)
    this.#scenario = drawScenario(this.#random)
    this.#sides = { c: this.#makeSide('c'), s: this.#makeSide('s') }
  }

  run(): SimulationResult {
    const pipes = (['c', 's'] as const).map((side, index) =>
      this.#sides[side].connect(
        this.#sides[other(side)],
        new SeededRandom(this.#seed * 8 + 6 + index),
        this.#scenario.pipe[side],
      ),
    )
    for (const side of ['c', 's'] as const) this.#planOpens(side)
    this.#clock.schedule(this.#scenario.endingAtMs, () => this.#endWhenWritten())
    this.#runClock()
    const faulted = pipes.some((pipe) => pipe.faulted)
    this.#judgeEnd(faulted)
    const { c, s } = this.#sides
    const ledgers = [...this.#ledgers.values()]
    return {
      scenario: this.#scenario,
      ends: this.#ends as { c: SessionEnd; s: SessionEnd },
      faulted,
      streams: this.#actors.c.length,
      deliveredBytes: ledgers.reduce((sum, ledger) => sum + ledger.delivered, 0),
      frames: c.session.statistics.framesSent + s.session.statistics.framesSent,
      rekeys: c.session.statistics.rekeysSent + s.session.statistics.rekeysSent,
      simulatedMs: this.#clock.now(),
      told: Object.fromEntries(this.#told),
      trace: this.#trace,
    }
  }

  #makeSide(side: SideName): SimulatedEndpoint {
    const { parameters, limits, rekey } = this.#scenario.side[side]
    const role = side === 'c' ? 'client' : 'server'
    return new SimulatedEndpoint(
      this.#clock,
      {
        role,
        clock: this.#clock,
        random: new SeededRandom(this.#seed * 8 + (side === 'c' ? 4 : 5)),
        directions: directionsFor(role, this.#seed),
        local: parameters,
        remote: this.#scenario.side[other(side)].parameters,
        features: this.#scenario.features,
        limits,
        rekey,
      },
      {
        stream: (stream) => this.#accept(side, stream),
        end: (end) => {
          this.#ends[side] = end
          this.#note(`end ${side}`, end.code, this.#clock.now())
        },
      },
      {
        sent: (bytes) => this.#taps[side].sent(bytes),
        receiving: (bytes) =>
          this.#taps[other(side)].arrived(bytes, (id, dataMost) => {
            this.#ledger(id, other(side)).allowance += dataMost
          }),
        stepped: () => this.#checkBounds(side),
      },
    )
  }

  #ledger(id: number, from: SideName): DirectionLedger {
    const key = `${id}${from}`
    let ledger = this.#ledgers.get(key)
    if (ledger === undefined) {
      const reader = other(from)
      const { parameters, limits } = this.#scenario.side[reader]
      const window = Math.max(parameters.streamWindow, limits.streamWindowMost ?? 0)
      ledger = new DirectionLedger(id, from, window, (change) => {
        this.#unread[reader] += change
      })
      this.#ledgers.set(key, ledger)
    }
    return ledger
  }

  #world(side: SideName): ActorWorld {
    return {
      clock: this.#clock,
      random: this.#random,
      streamBytes: this.#scenario.streamBytes,
      unrest: this.#scenario.unrest,
      trace: (what, stream, value) => {
        this.#count(what)
        if (what === 'reset' && value === CODE.STREAM_REFUSED) this.#count('refused')
        this.#note(`${side} ${what}`, stream, value)
      },
      isOver: () => this.#ends[side] !== undefined,
    }
  }

  #accept(side: SideName, stream: MuxStream): void {
    const delay = this.#random.chance(0.2) ? this.#random.below(500) : 0
    if (delay === 0) this.#attach(side, stream)
    else this.#clock.schedule(delay, () => this.#attach(side, stream))
  }

  #attach(side: SideName, stream: MuxStream): void {
    const id = Number(stream.id)
    const actor = new StreamActor(
      this.#world(side),
      stream,
      this.#ledger(id, side),
      this.#ledger(id, other(side)),
    )
    this.#actors[side].push(actor)
    stream.attach(this.#sabotage === undefined ? actor : this.#sabotage(actor, stream))
    if (!actor.isClosed) actor.start()
  }

  #planOpens(side: SideName): void {
    const { streams, openWithinMs } = this.#scenario.side[side]
    for (let i = 0; i < streams; i++) {
      this.#clock.schedule(this.#random.below(openWithinMs + 1), () => this.#open(side))
    }
  }

  #open(side: SideName): void {
    const { session } = this.#sides[side]
    try {
      this.#attach(side, session.openStream(1 + this.#random.below(255)))
    } catch (error) {
      if (!(error instanceof AivError) || !['E_STREAM_LIMIT', 'E_SESSION_CLOSED'].includes(error.code))
        throw error
      // At a limit or in a drain the application goes without.
    }
    if (!session.isOpen) return
    if (this.#random.chance(0.2)) session.ping()
    if (this.#random.chance(0.1)) session.pad(this.#random.below(1_000))
    if (this.#random.chance(0.1)) session.setMaxStreams(1 + this.#random.below(30))
  }

  #endWhenWritten(): void {
    const { ending, endingBy } = this.#scenario
    if (ending === 'close') {
      this.#sides[endingBy].session.close(CODE.OK, 'enough')
      return
    }
    this.#sides[endingBy].session.drain('enough')
    if (ending === 'both-drain') this.#sides[other(endingBy)].session.drain()
  }

  /** Fires every timer there is: a run that leaves none has ended, one that never gets there is caught. */
  #runClock(): void {
    for (;;) {
      const next = this.#clock.nextTimerAt()
      if (next === undefined) return
      if (next > MOST_MS || ++this.#steps > MOST_STEPS) {
        throw new SimulationFailure(`the run does not end: ${this.#describe()}`)
      }
      this.#clock.advance(next - this.#clock.now())
    }
  }

  #checkBounds(side: SideName): void {
    const { session, queuedBytes } = this.#sides[side]
    const { parameters, limits } = this.#scenario.side[side]
    const { sessionHighWater = 0, ahead = 0, sessionWindowMost = 0 } = limits
    const remoteFrame = this.#scenario.side[other(side)].parameters.maxFrame
    if (queuedBytes > ahead + remoteFrame + 64)
      throw new SimulationFailure(`${side}: ${queuedBytes} bytes sealed ahead`)
    const unread = this.#unread[side]
    const window = Math.max(parameters.sessionWindow ?? Number.POSITIVE_INFINITY, sessionWindowMost)
    if (unread > window)
      throw new SimulationFailure(`${side}: ${unread} bytes unread, more than the session window`)
    const most = window + sessionHighWater + WRITE_MOST * this.#actors[side].length
    if (session.bufferedBytes > most)
      throw new SimulationFailure(`${side}: ${session.bufferedBytes} bytes buffered`)
    const arrived = this.#taps[other(side)].wholeFrames
    if (session.statistics.framesReceived > arrived)
      throw new SimulationFailure(
        `${side}: took ${session.statistics.framesReceived} frames of ${arrived} that arrived`,
      )
  }

  #judgeEnd(faulted: boolean): void {
    for (const side of ['c', 's'] as const) {
      const end = this.#ends[side]
      if (end === undefined) throw new SimulationFailure(`${side}: never ended: ${this.#describe()}`)
      if (!this.#sides[side].linkDone) throw new SimulationFailure(`${side}: kept its link`)
      if (this.#sides[side].session.nextDeadline() !== Number.POSITIVE_INFINITY)
        throw new SimulationFailure(`${side}: still wants to be woken`)
      for (const actor of this.#actors[side])
        if (!actor.isClosed) throw new SimulationFailure(`${side}: a stream was never closed`)
      if (!faulted && (end.cause !== 'closed' || end.code !== CODE.OK))
        throw new SimulationFailure(`${side}: ended ${end.cause} ${end.code} ${end.reason} without a fault`)
    }
    if (faulted || this.#scenario.ending === 'close') return
    for (const ledger of this.#ledgers.values())
      if (!ledger.settled) throw new SimulationFailure(`${ledger.name}: finished, and its end never arrived`)
  }

  #count(what: string): void {
    this.#told.set(what, (this.#told.get(what) ?? 0) + 1)
  }

  #note(what: string, a: number, b: number): void {
    let hash = this.#trace ^ Math.round(this.#clock.now() * 1_000)
    for (const char of what) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193)
    hash = Math.imul(hash ^ a, 0x01000193)
    this.#trace = Math.imul(hash ^ b, 0x01000193) >>> 0
  }

  #describe(): string {
    const { c, s } = this.#sides
    return `at ${this.#clock.now()} ms, ${c.session.streamCount} and ${s.session.streamCount} streams open`
  }
}

/**
 * Runs one seed.
 * @throws Error that names the seed and the invariant that did not hold
 */
export function simulate(seed: number, options: SimulationOptions = {}): SimulationResult {
  try {
    return new Simulation(seed, options).run()
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
