/** A mix node: the core with its workers, on a clock. Links give it packets and take those that are due. */
import type { TimerClock } from '../../core/index.ts'
import type { Geometry } from '../../sphinx/index.ts'
import type { ReleaseLimits } from '../delay/release.ts'
import type { DropReason } from '../drop-reason.ts'
import { DURABILITY_LOOK_MS, SLOTS } from './constants.ts'
import type { NodeCounts } from './counters.ts'
import { allocateSlots, PacketSlots } from './memory/packet-slots.ts'
import { type DrawnDelays, MixNodeCore, type NodeSink, type TagDurability } from './node-core.ts'
import type { RouteTable } from './route-table.ts'
import { MixWorkers, type NodeKey } from './worker/mix-workers.ts'

export interface MixNodeOptions {
  readonly geometry: Geometry
  /** Threads that open packets. */
  readonly workers: number
  /** False for a mix: it takes only packets that go on. */
  readonly isProvider: boolean
  readonly routes: RouteTable
  readonly sink: NodeSink
  readonly limits: ReleaseLimits
  readonly durability?: TagDurability | undefined
  /** Absent where senders choose all delays. */
  readonly drawnDelays?: DrawnDelays | undefined
  /** Packets that it holds at most; 8,192 unless given. */
  readonly slots?: number | undefined
  readonly ringSlots?: number | undefined
  readonly clock: TimerClock
  /** A worker died; it is replaced. */
  readonly onWorkerDeath?: (worker: number) => void
  /** Called after packets moved: there may be room again. */
  readonly onTurn?: () => void
}

export class MixNode {
  readonly #clock: TimerClock
  readonly #core: MixNodeCore
  readonly #onTurn: () => void
  #workers: MixWorkers | undefined
  #cancelTimer: (() => void) | undefined
  #timerAtMs = Number.POSITIVE_INFINITY

  private constructor(clock: TimerClock, core: MixNodeCore, onTurn: () => void) {
    this.#clock = clock
    this.#core = core
    this.#onTurn = onTurn
  }

  /** @throws AivError `E_INTERNAL` when a worker cannot be started */
  static async start(options: MixNodeOptions): Promise<MixNode> {
    const { geometry, workers, isProvider, clock, ringSlots, onWorkerDeath } = options
    const slots = allocateSlots(options.slots ?? SLOTS, geometry.packetBytes)
    const core = new MixNodeCore({
      ...options,
      slots: new PacketSlots(slots),
      lanes: workers,
      startUs: clock.now() * 1_000,
    })
    const node = new MixNode(clock, core, options.onTurn ?? (() => {}))
    node.#workers = await MixWorkers.start({
      core,
      count: workers,
      slots,
      ringSlots,
      geometry,
      isProvider,
      clock,
      onFinished: () => node.#turn(),
      onDeath: (worker) => onWorkerDeath?.(worker),
    })
    return node
  }

  /** Packets that it can take now without dropping one for want of a place. */
  get room(): number {
    return this.#core.room
  }

  get counts(): NodeCounts {
    return this.#core.counts
  }

  /** Resolves when all workers have them; in the order in which they are tried. */
  setKeys(keys: readonly NodeKey[]): Promise<void> {
    return (this.#workers as MixWorkers).setKeys(keys)
  }

  setRoutes(routes: RouteTable): void {
    this.#core.setRoutes(routes)
  }

  /** Takes a packet; the bytes are copied. After the last one of those that came together, `flush`. */
  receive(packet: Uint8Array): void {
    this.#core.receive(packet, this.#nowUs())
  }

  /** Counts a packet that is not even looked at. */
  refuse(reason: DropReason): void {
    this.#core.refuse(reason)
  }

  flush(): void {
    this.#core.flush()
  }

  /** Ends the workers, and drops and counts what waits. */
  async stop(): Promise<void> {
    await this.#workers?.stop()
    this.#cancelTimer?.()
    this.#core.stop(this.#nowUs())
  }

  #nowUs(): number {
    return this.#clock.now() * 1_000
  }

  /** Everything that is to be done now, and a timer for the next time. */
  #turn(): void {
    const nowUs = this.#nowUs()
    this.#core.collect(nowUs)
    this.#core.advance(nowUs)
    this.#setTimer()
    this.#onTurn()
  }

  #setTimer(): void {
    const atMs = this.#core.isHolding
      ? this.#clock.now() + DURABILITY_LOOK_MS
      : this.#core.nextDueUs() / 1_000
    if (atMs >= this.#timerAtMs || atMs === Number.POSITIVE_INFINITY) return
    this.#cancelTimer?.()
    this.#timerAtMs = atMs
    this.#cancelTimer = this.#clock.schedule(Math.max(0, atMs - this.#clock.now()), () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY
      this.#turn()
    })
  }
}
