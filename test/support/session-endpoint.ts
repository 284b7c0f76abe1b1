/** A session with a simulated link under it: what `SessionDriver` does with a real one, on a manual clock. */
import type { ManualClock, SeededRandom } from '../../src/lib/core/index.ts'
import { Session, type SessionConfig, type SessionHandler } from '../../src/lib/htx/session/index.ts'
import { type PipeOptions, SimulatedPipe } from './session-pipe.ts'

/** Sealed bytes taken from the session at once. */
const BATCH = 65_536

export interface EndpointHooks {
  /** Sealed bytes that this side sends, before any fault. */
  sent?(bytes: Uint8Array): void
  /** Bytes about to be given to this side's session. */
  receiving?(bytes: Uint8Array): void
  /** After this side's session was given bytes, time or a chance to send. */
  stepped?(): void
}

export class SimulatedEndpoint {
  readonly session: Session
  readonly #clock: ManualClock
  readonly #hooks: EndpointHooks
  #out: SimulatedPipe | undefined
  #linkDone = false
  #linkGone = false
  #flushQueued = false
  #written = 0
  #reported = 0
  #cancelTimer: (() => void) | undefined
  #timerAt = Number.POSITIVE_INFINITY

  constructor(
    clock: ManualClock,
    config: SessionConfig,
    handler: Omit<SessionHandler, 'output' | 'linkDone'>,
    hooks: EndpointHooks,
  ) {
    this.#clock = clock
    this.#hooks = hooks
    this.session = new Session(
      { ...config, ownsInput: true },
      {
        stream: (stream) => handler.stream(stream),
        end: (end) => handler.end(end),
        ticket: (lifetimeSeconds, handle) => handler.ticket?.(lifetimeSeconds, handle),
        draining: () => handler.draining?.(),
        output: () => this.wake(),
        linkDone: () => {
          this.#linkDone = true
          this.wake()
        },
      },
    )
  }

  get linkDone(): boolean {
    return this.#linkDone
  }

  /** Sealed bytes that wait for the link. */
  get queuedBytes(): number {
    return this.#out?.queuedBytes ?? 0
  }

  /** Joins this side's output to `peer`. Call for both sides, then nothing more is needed. */
  connect(peer: SimulatedEndpoint, random: SeededRandom, options: PipeOptions): SimulatedPipe {
    this.#out = new SimulatedPipe(this.#clock, random, options, {
      accepted: () => this.#flush(),
      deliver: (chunk) => peer.#receive(chunk),
      ended: () => peer.#linkEnded(),
      broke: () => {
        this.#linkBroke()
        peer.#linkBroke()
      },
    })
    this.wake()
    return this.#out
  }

  wake(): void {
    if (this.#flushQueued) return
    this.#flushQueued = true
    this.#clock.schedule(0, () => {
      this.#flushQueued = false
      this.#flush()
    })
  }

  #receive(chunk: Uint8Array): void {
    if (this.#linkGone) return
    this.#hooks.receiving?.(chunk)
    // A kernel gives a copy, too, which the session frees when it has read it.
    this.session.receive(chunk.slice())
    this.#stepped()
  }

  #linkEnded(): void {
    this.session.linkClosed()
    this.#stepped()
  }

  #linkBroke(): void {
    this.#linkGone = true
    this.#out?.kill()
    this.session.linkClosed()
    this.#stepped()
  }

  #flush(): void {
    const pipe = this.#out
    if (pipe === undefined || this.#linkGone) return
    const accepted = this.#written - pipe.queuedBytes
    this.session.linkAccepted(accepted - this.#reported, pipe.queuedBytes)
    this.#reported = accepted
    for (;;) {
      const room = this.session.ahead - pipe.queuedBytes
      if (room <= 0) break
      const out: Uint8Array[] = []
      const bytes = this.session.pull(Math.min(room, BATCH), out)
      if (bytes === 0) break
      this.#written += bytes
      if (this.#hooks.sent !== undefined) for (const chunk of out) this.#hooks.sent(chunk)
      pipe.write(out)
    }
    if (this.#linkDone && !this.session.hasOutput) pipe.end()
    this.#stepped()
  }

  #stepped(): void {
    const deadline = this.session.nextDeadline()
    if (deadline < this.#timerAt || deadline === Number.POSITIVE_INFINITY) this.#arm(deadline)
    this.#hooks.stepped?.()
  }

  #arm(deadline: number): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#timerAt = deadline
    if (deadline === Number.POSITIVE_INFINITY) return
    this.#cancelTimer = this.#clock.schedule(deadline - this.#clock.now(), () => {
      this.#timerAt = Number.POSITIVE_INFINITY
      this.#cancelTimer = undefined
      this.session.tick()
      this.#stepped()
    })
  }
}
