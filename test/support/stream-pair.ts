/**
 * Two sessions as applications hold them, joined in memory: sealed bytes move in turns of the event loop, and a test
 * can cut the link behind any byte.
 */
import { ManualClock, SeededRandom, type TimerClock } from '../../src/lib/core/index.ts'
import type { SessionEnd } from '../../src/lib/htx/codes.ts'
import { HtxSession } from '../../src/lib/htx/endpoint/htx-session.ts'
import type { HandshakeResult } from '../../src/lib/htx/handshake/index.ts'
import { Session, type SessionLimits, type SideParameters } from '../../src/lib/htx/session/index.ts'
import type { Link } from '../../src/lib/link/index.ts'
import { directionsFor, type Role } from './session-keys.ts'
import { ALL_FEATURES, PARAMETERS } from './session-pair.ts'

/** Sealed bytes moved in one turn. */
const TURN_BYTES = 1024 * 1024

export interface StreamPairOptions {
  readonly clock?: TimerClock
  readonly seed?: number
  /** Peer ids that each side is known by. */
  readonly peers?: Readonly<Record<Role, string>>
  readonly parameters?: Partial<SideParameters>
  /** The link ends after it has carried this many sealed bytes from that side. */
  readonly cutAfter?: { readonly from: Role; readonly bytes: number }
}

export class StreamPair {
  readonly client: HtxSession
  readonly server: HtxSession
  readonly clock: TimerClock
  /** Sealed bytes that have crossed, by the side that sent them. */
  readonly carried: Record<Role, number> = { client: 0, server: 0 }
  readonly #cores: Record<Role, Session>
  readonly #ends: ((end: SessionEnd) => void)[] = []
  readonly #cutAfter: StreamPairOptions['cutAfter']
  readonly #flushing: Record<Role, boolean> = { client: false, server: false }
  #isCut = false
  #paused = false

  constructor(options: StreamPairOptions = {}) {
    this.clock = options.clock ?? new ManualClock()
    this.#cutAfter = options.cutAfter
    const sessions: Partial<Record<Role, HtxSession>> = {}
    const core = (role: Role): Session =>
      new Session(
        {
          role,
          clock: this.clock,
          random: new SeededRandom((options.seed ?? 1) * 2 + (role === 'client' ? 0 : 1)),
          directions: directionsFor(role, options.seed ?? 1),
          local: { ...PARAMETERS, ...options.parameters },
          remote: { ...PARAMETERS, ...options.parameters },
          features: ALL_FEATURES,
          limits: LIMITS,
          initialPing: false,
        },
        {
          stream: (stream) => sessions[role]?.accept(stream),
          output: () => this.#wake(role),
          end: () => {},
          linkDone: () => this.#wake(role),
        },
      )
    this.#cores = { client: core('client'), server: core('server') }
    const peers = options.peers ?? { client: 'client', server: 'server' }
    this.client = this.#session('client', peers.server)
    this.server = this.#session('server', peers.client)
    sessions.client = this.client
    sessions.server = this.server
  }

  /** Ends the link without a word: what is on the way is lost. */
  cut(): void {
    if (this.#isCut) return
    this.#isCut = true
    for (const role of ['client', 'server'] as const) this.#cores[role].linkClosed()
    for (const tell of this.#ends) tell({ cause: 'link-lost', code: 0, reason: 'cut', byPeer: true })
  }

  /** Ends the link as one side sees it; the other still waits for bytes that will never come. */
  cutFor(role: Role): void {
    this.#paused = true
    this.#cores[role].linkClosed()
  }

  /** Nothing crosses until `resume`. */
  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#wake('client')
    this.#wake('server')
  }

  #session(role: Role, peer: string): HtxSession {
    const closed = new Promise<SessionEnd>((resolve) => this.#ends.push(resolve))
    const { clock } = this
    return new HtxSession({
      core: this.#cores[role],
      link: NO_LINK,
      result: NO_HANDSHAKE,
      peer,
      closed,
      clock,
    })
  }

  #wake(role: Role): void {
    if (this.#flushing[role] || this.#isCut || this.#paused) return
    this.#flushing[role] = true
    setImmediate(() => {
      this.#flushing[role] = false
      this.#flush(role)
    })
  }

  #flush(role: Role): void {
    if (this.#isCut || this.#paused) return
    const out: Uint8Array[] = []
    const bytes = this.#cores[role].pull(TURN_BYTES, out)
    const target = this.#cores[role === 'client' ? 'server' : 'client']
    let room = this.#cutAfter?.from === role ? this.#cutAfter.bytes - this.carried[role] : bytes
    const isLast = bytes > room
    for (const chunk of out) {
      const passed = chunk.subarray(0, room)
      room -= passed.length
      this.carried[role] += passed.length
      if (passed.length > 0) target.receive(passed)
    }
    if (isLast) this.cut()
    else if (this.#cores[role].hasOutput) this.#wake(role)
  }
}

/** As sessions of the endpoint have it: a writer waits until what it wrote is sealed. */
const LIMITS: Partial<SessionLimits> = { streamHighWater: 1 }

const NO_LINK = { remoteAddress: 'memory', abort: () => {} } as unknown as Link

const NO_HANDSHAKE = {
  suite: { protocol: 'none', hybrid: false },
  secrets: { sessionId: new Uint8Array(8) },
} as unknown as HandshakeResult
