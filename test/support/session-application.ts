/** An application of the simulation: one actor a stream, which writes, reads, dawdles, resets and stops by the seed. */
import type { ManualClock, SeededRandom } from '../../src/lib/core/index.ts'
import { CODE, type SessionEnd } from '../../src/lib/htx/codes.ts'
import type { MuxStream, StreamHandler } from '../../src/lib/htx/session/index.ts'
import { type DirectionLedger, SimulationFailure } from './session-ledger.ts'

export interface ActorWorld {
  readonly clock: ManualClock
  readonly random: SeededRandom
  readonly streamBytes: number
  readonly unrest: number
  /** Something that a reader sees happened: part of the trace by which two runs of a seed are compared. */
  trace(what: string, stream: number, value: number): void
  /** True once the session of this side has ended. */
  isOver(): boolean
}

/** Lets a test put a defect between the session and the judge. */
export type Sabotage = (handler: StreamHandler, stream: MuxStream) => StreamHandler

type ReadMode = 'fast' | 'slow' | 'stop' | 'never'

export class StreamActor implements StreamHandler {
  readonly #world: ActorWorld
  readonly #stream: MuxStream
  readonly #id: number
  readonly #outgoing: DirectionLedger
  readonly #incoming: DirectionLedger
  readonly #cancels = new Set<() => void>()
  readonly #total: number
  readonly #resetAt: number
  readonly #readMode: ReadMode
  readonly #stopAt: number
  /** Attached only after the session had ended: a stream that had arrived whole is still delivered. */
  readonly #late: boolean
  #writing = true
  #closed = false

  constructor(world: ActorWorld, stream: MuxStream, outgoing: DirectionLedger, incoming: DirectionLedger) {
    this.#world = world
    this.#stream = stream
    this.#id = Number(stream.id)
    this.#outgoing = outgoing
    this.#incoming = incoming
    incoming.taken = true
    this.#late = world.isOver()
    const { random, streamBytes, unrest } = world
    this.#total = random.chance(0.15) ? 0 : random.below(streamBytes + 1)
    this.#resetAt = random.chance(unrest / 2) ? random.below(this.#total + 1) : Number.POSITIVE_INFINITY
    this.#readMode = random.chance(unrest)
      ? ((['slow', 'slow', 'stop', 'never'] as const)[random.below(4)] as ReadMode)
      : 'fast'
    this.#stopAt = random.below(streamBytes)
  }

  start(): void {
    this.#later(this.#world.random.below(50), () => this.#write())
    if (this.#readMode === 'never') this.#later(1_000 + this.#world.random.below(4_000), () => this.#stop())
  }

  // StreamHandler

  data(chunks: readonly Uint8Array[], bytes: number): void {
    if (this.#closed || (this.#world.isOver() && !this.#late))
      throw new SimulationFailure(`stream ${this.#id}: data after the end`)
    this.#incoming.deliver(chunks, bytes)
    this.#world.trace('data', this.#id, bytes)
    switch (this.#readMode) {
      case 'fast':
        this.#consume(bytes)
        return
      case 'slow':
        this.#later(this.#world.random.below(400), () => this.#consume(bytes))
        return
      case 'stop':
        this.#consume(bytes)
        if (this.#incoming.delivered >= this.#stopAt) this.#stop()
        return
      case 'never':
    }
  }

  finished(): void {
    this.#incoming.finish()
    this.#world.trace('finished', this.#id, this.#incoming.delivered)
  }

  reset(code: number): void {
    if (this.#incoming.readerFinished) throw new SimulationFailure(`stream ${this.#id}: reset after its end`)
    this.#incoming.readerReset = true
    // The session has returned what was unread; an application lets go of it too.
    this.#consume(Number.POSITIVE_INFINITY)
    if (code === CODE.STREAM_REFUSED) this.#outgoing.refused = true
    this.#world.trace('reset', this.#id, code)
  }

  stopped(code: number): void {
    this.#writing = false
    this.#world.trace('stopped', this.#id, code)
  }

  writable(): void {
    this.#write()
  }

  closed(end: SessionEnd | undefined): void {
    if (this.#closed) throw new SimulationFailure(`stream ${this.#id}: closed twice`)
    if (this.#late && this.#incoming.delivered > 0 && !this.#incoming.readerFinished)
      throw new SimulationFailure(`stream ${this.#id}: a part was delivered after the end`)
    this.#closed = true
    this.#writing = false
    this.#world.trace('closed', this.#id, end === undefined ? -1 : end.code)
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
    // What was read slowly is consumed even so: an application empties its own buffers.
    this.#consume(Number.POSITIVE_INFINITY)
  }

  get isClosed(): boolean {
    return this.#closed
  }

  #later(ms: number, action: () => void): void {
    const cancel = this.#world.clock.schedule(ms, () => {
      this.#cancels.delete(cancel)
      action()
    })
    this.#cancels.add(cancel)
  }

  /** What a reset took back in the meantime is not there to be consumed. */
  #consume(most: number): void {
    const bytes = Math.min(most, this.#incoming.delivered - this.#incoming.consumed)
    this.#incoming.consume(bytes)
    this.#stream.consumed(bytes)
  }

  #stop(): void {
    if (this.#closed || this.#incoming.readerFinished || this.#incoming.readerReset) return
    this.#incoming.readerStopped = true
    this.#outgoing.writerIsDeaf = true
    this.#stream.stop(CODE.CANCELLED)
    this.#consume(Number.POSITIVE_INFINITY)
  }

  #write(): void {
    const { random } = this.#world
    while (this.#writing) {
      const { written } = this.#outgoing
      if (written >= this.#resetAt) {
        this.#writing = false
        this.#outgoing.writerReset = true
        this.#stream.reset(CODE.CANCELLED)
        return
      }
      if (written >= this.#total) {
        this.#writing = false
        this.#outgoing.writerFinished = true
        this.#stream.finish()
        return
      }
      const piece = Math.min(this.#total - written, 1 + random.below(random.chance(0.2) ? 9_000 : 900))
      if (!this.#stream.write(this.#outgoing.write(piece))) return
      if (random.chance(0.3)) {
        this.#later(random.below(30), () => this.#write())
        return
      }
    }
  }
}
