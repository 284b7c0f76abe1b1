/**
 * A mix as a state machine: packets and time go in; packets that are due, deliveries and counts come out. It knows no socket,
 * thread or clock. Every packet that came in is at any time in exactly one place: forwarded, delivered, dropped under one
 * reason, or queued.
 */

import { DROP_STATUS, TAU_BYTES, UNWRAP_STATUS } from '../../sphinx/index.ts'
import { DWELL_EXCEEDED, EXCESSIVE_DELAY, type ReleaseLimits, releaseAtUs } from '../delay/release.ts'
import { TimingWheel } from '../delay/timing-wheel.ts'
import { type DropReason, dropReasonIndex } from '../drop-reason.ts'
import { RELEASE_BATCH } from './constants.ts'
import { NodeCounters, type NodeCounts } from './counters.ts'
import type { PacketSlots } from './memory/packet-slots.ts'
import type { RingProducer } from './memory/work-ring.ts'
import type { RouteTable } from './route-table.ts'

/** Where packets go. Each answer says whether the packet was taken; views are valid during the call only. */
export interface NodeSink {
  /** @param packet the whole outgoing packet */
  forward(route: number, packet: Uint8Array): boolean
  /** @param recipient 32 bytes */
  deliver(recipient: Uint8Array, payload: Uint8Array): boolean
  /** @param surbId 16 bytes */
  reply(recipient: Uint8Array, surbId: Uint8Array, payload: Uint8Array): boolean
  /** Called after the packets that left together. */
  flush?(): void
}

/** Says which replay tags are on the disk: a packet leaves when its tag cannot be forgotten any more. */
export interface TagDurability {
  /**
   * @param keyEpoch of the mix key, and so of the filter
   * @param worker that entered the tag
   * @param ticket what the filter gave that worker for it
   */
  isDurable(keyEpoch: number, worker: number, ticket: number): boolean
}

/** Keeps the lines of delays that the node draws, until the epoch is revealed. */
export interface DrawnDelays {
  /** False when the log of the epoch takes no more lines. */
  hasRoom(keyEpoch: number): boolean
  /** Writes the line of a packet that leaves. @param tau 32 bytes, erased after the call */
  append(keyEpoch: number, tau: Uint8Array, delayUs: number, arrivedUs: number, releasedUs: number): void
  /** Called before the packets of a step are handed out. */
  flush(): void
}

export interface MixNodeCoreOptions {
  readonly slots: PacketSlots
  /** Workers. */
  readonly lanes: number
  readonly routes: RouteTable
  readonly sink: NodeSink
  readonly limits: ReleaseLimits
  /** Absent where nothing outlives the process, as in a simulation. */
  readonly durability?: TagDurability | undefined
  /** Absent where senders choose all delays. */
  readonly drawnDelays?: DrawnDelays | undefined
  /** Monotonic microseconds at which time begins. */
  readonly startUs: number
}

const DROP = {
  wrongLength: dropReasonIndex('wrong_length'),
  unknownNextHop: dropReasonIndex('unknown_next_hop'),
  excessiveDelay: dropReasonIndex('excessive_delay'),
  dwellExceeded: dropReasonIndex('dwell_exceeded'),
  delayLogFull: dropReasonIndex('delay_log_full'),
  queueFull: dropReasonIndex('queue_full'),
  workerLost: dropReasonIndex('worker_lost'),
  nextHopUnreachable: dropReasonIndex('next_hop_unreachable'),
  recipientUnavailable: dropReasonIndex('recipient_unavailable'),
  stopped: dropReasonIndex('stopped'),
}

export class MixNodeCore {
  readonly #slots: PacketSlots
  readonly #lanes: (RingProducer | undefined)[]
  readonly #sink: NodeSink
  readonly #limits: ReleaseLimits
  readonly #durability: TagDurability | undefined
  readonly #drawnDelays: DrawnDelays | undefined
  readonly #wheel: TimingWheel
  readonly #counters = new NodeCounters()
  #routes: RouteTable
  /** A stack of the slots that are free. */
  readonly #free: Int32Array
  #freeCount: number
  /** What the wheel let go of in one step. */
  readonly #fired = new Int32Array(RELEASE_BATCH)
  /** Slots whose time has come before their tags were durable. */
  readonly #held: Int32Array
  #heldCount = 0
  #nowUs: number

  constructor({ slots, lanes, routes, sink, limits, durability, drawnDelays, startUs }: MixNodeCoreOptions) {
    this.#slots = slots
    this.#lanes = Array.from({ length: lanes }, () => undefined)
    this.#routes = routes
    this.#sink = sink
    this.#limits = limits
    this.#durability = durability
    this.#drawnDelays = drawnDelays
    this.#nowUs = startUs
    this.#wheel = new TimingWheel({ capacity: slots.count, startUs })
    this.#free = Int32Array.from({ length: slots.count }, (_, index) => slots.count - 1 - index)
    this.#freeCount = slots.count
    this.#held = new Int32Array(slots.count)
  }

  /** Packets in the node. */
  get queued(): number {
    return this.#slots.count - this.#freeCount
  }

  /** Packets that can be taken now without dropping one for want of a place. */
  get room(): number {
    let ringRoom = 0
    for (const ring of this.#lanes) ringRoom += ring?.room ?? 0
    return Math.min(ringRoom, this.#freeCount)
  }

  /** True while packets that are due wait for the disk. */
  get isHolding(): boolean {
    return this.#heldCount > 0
  }

  get counts(): NodeCounts {
    return this.#counters.snapshot(this.queued)
  }

  /** Takes the directory's next list of nodes. */
  setRoutes(routes: RouteTable): void {
    this.#routes = routes
  }

  /** Gives a worker its packets through `ring` from now on; the ring before must be empty. */
  attachLane(lane: number, ring: RingProducer): void {
    this.#lanes[lane] = ring
  }

  /** A worker ended: what it finished goes on, what it had is dropped and counted. */
  loseLane(lane: number, nowUs: number): void {
    const ring = this.#lanes[lane]
    if (ring === undefined) return
    this.#lanes[lane] = undefined
    this.#collectFrom(ring, nowUs)
    for (let slot = ring.takeUnfinished(); slot !== -1; slot = ring.takeUnfinished())
      this.#drop(slot, DROP.workerLost)
  }

  /** Takes a packet of a peer; `flush` shows it to the workers. The bytes are copied. */
  receive(packet: Uint8Array, nowUs: number): void {
    this.#counters.received++
    if (packet.length !== this.#slots.packetBytes) {
      this.#counters.drop(DROP.wrongLength)
      return
    }
    const ring = this.#shortestLane()
    if (ring === undefined || this.#freeCount === 0) {
      this.#counters.drop(DROP.queueFull)
      return
    }
    const slot = this.#free[this.#freeCount - 1] as number
    if (!ring.offer(slot)) {
      this.#counters.drop(DROP.queueFull)
      return
    }
    this.#freeCount--
    this.#slots.packet(slot).set(packet)
    this.#slots.setReceivedAt(slot, nowUs)
  }

  /** Counts a packet that is not even looked at. */
  refuse(reason: DropReason): void {
    this.#counters.received++
    this.#counters.drop(dropReasonIndex(reason))
  }

  /** Shows the workers what was received. */
  flush(): void {
    for (const ring of this.#lanes) ring?.publish()
  }

  /** Takes what the workers have finished. */
  collect(nowUs: number): void {
    for (const ring of this.#lanes) if (ring !== undefined) this.#collectFrom(ring, nowUs)
  }

  /** Lets go of what is due. */
  advance(nowUs: number): void {
    this.#nowUs = nowUs
    this.#releaseHeld()
    let count = 0
    do {
      count = this.#wheel.advance(nowUs, this.#fired)
      for (let i = 0; i < count; i++) this.#release(this.#fired[i] as number)
    } while (count === this.#fired.length)
    // A packet that left has a line, also when the process is killed in between.
    this.#drawnDelays?.flush()
    this.#sink.flush?.()
  }

  /** When `advance` has something to do next, microseconds; Infinity when nothing waits. */
  nextDueUs(): number {
    return this.#wheel.nextDueUs()
  }

  /** Drops everything that waits. The workers must be gone. */
  stop(nowUs: number): void {
    for (const lane of this.#lanes.keys()) this.loseLane(lane, nowUs)
    let count = 0
    do {
      count = this.#wheel.advance(Number.MAX_SAFE_INTEGER, this.#fired)
      for (let i = 0; i < count; i++) this.#drop(this.#fired[i] as number, DROP.stopped)
    } while (count > 0)
    while (this.#heldCount > 0) this.#drop(this.#held[--this.#heldCount] as number, DROP.stopped)
  }

  #shortestLane(): RingProducer | undefined {
    let shortest: RingProducer | undefined
    for (const ring of this.#lanes)
      if (ring !== undefined && (shortest === undefined || ring.pending < shortest.pending)) shortest = ring
    return shortest
  }

  #collectFrom(ring: RingProducer, nowUs: number): void {
    for (let slot = ring.take(); slot !== -1; slot = ring.take()) this.#settle(slot, nowUs)
  }

  /** What becomes of a packet that a worker opened. */
  #settle(slot: number, nowUs: number): void {
    const status = this.#slots.status(slot)
    if (status >= DROP_STATUS) {
      this.#drop(slot, status - DROP_STATUS)
      return
    }
    const dueUs = status === UNWRAP_STATUS.forward ? this.#forwardAtUs(slot, nowUs) : nowUs
    if (dueUs < 0) return
    this.#wheel.schedule(slot, dueUs)
  }

  /** -1 when it was dropped instead. */
  #forwardAtUs(slot: number, nowUs: number): number {
    const slots = this.#slots
    const dueUs = releaseAtUs(slots.receivedAt(slot), nowUs, slots.delayUs(slot), this.#limits)
    if (dueUs === EXCESSIVE_DELAY) this.#drop(slot, DROP.excessiveDelay)
    else if (dueUs === DWELL_EXCEEDED) this.#drop(slot, DROP.dwellExceeded)
    else if (this.#routeOf(slot) === -1) this.#drop(slot, DROP.unknownNextHop)
    else if (this.#drawnDelays?.hasRoom(slots.keyEpoch(slot)) === false) this.#drop(slot, DROP.delayLogFull)
    else return dueUs
    return -1
  }

  #routeOf(slot: number): number {
    return this.#routes.find(this.#slots.bytes, this.#slots.addressAt(slot))
  }

  #isDurable(slot: number): boolean {
    const slots = this.#slots
    return (
      this.#durability === undefined ||
      this.#durability.isDurable(slots.keyEpoch(slot), slots.worker(slot), slots.ticket(slot))
    )
  }

  #release(slot: number): void {
    if (this.#isDurable(slot)) this.#letGo(slot)
    else this.#held[this.#heldCount++] = slot
  }

  #releaseHeld(): void {
    let kept = 0
    for (let i = 0; i < this.#heldCount; i++) {
      const slot = this.#held[i] as number
      if (this.#isDurable(slot)) this.#letGo(slot)
      else this.#held[kept++] = slot
    }
    this.#heldCount = kept
  }

  #letGo(slot: number): void {
    if (this.#slots.status(slot) === UNWRAP_STATUS.forward) this.#forward(slot)
    else this.#deliver(slot)
  }

  #forward(slot: number): void {
    // Looked up again: the directory may have changed while the packet waited.
    const route = this.#routeOf(slot)
    if (route === -1) {
      this.#drop(slot, DROP.unknownNextHop)
      return
    }
    if (this.#drawnDelays?.hasRoom(this.#slots.keyEpoch(slot)) === false) {
      this.#drop(slot, DROP.delayLogFull)
      return
    }
    if (!this.#sink.forward(route, this.#slots.packet(slot))) {
      this.#drop(slot, DROP.nextHopUnreachable)
      return
    }
    this.#logDelay(slot)
    this.#counters.forwarded++
    this.#freeSlot(slot)
  }

  #logDelay(slot: number): void {
    if (this.#drawnDelays === undefined) return
    const slots = this.#slots
    const at = slots.tauAt(slot)
    const tau = slots.bytes.slice(at, at + TAU_BYTES)
    this.#drawnDelays.append(
      slots.keyEpoch(slot),
      tau,
      slots.delayUs(slot),
      slots.receivedAt(slot),
      this.#nowUs,
    )
    tau.fill(0)
  }

  #deliver(slot: number): void {
    const slots = this.#slots
    const payload = slots.packet(slot).subarray(0, slots.length(slot))
    const recipient = slots.address(slot)
    const isTaken =
      slots.status(slot) === UNWRAP_STATUS.reply
        ? this.#sink.reply(recipient, slots.surbId(slot), payload)
        : this.#sink.deliver(recipient, payload)
    if (!isTaken) {
      this.#drop(slot, DROP.recipientUnavailable)
      return
    }
    this.#counters.delivered++
    this.#freeSlot(slot)
  }

  #drop(slot: number, reason: number): void {
    this.#counters.drop(reason)
    this.#freeSlot(slot)
  }

  #freeSlot(slot: number): void {
    this.#slots.forget(slot)
    this.#free[this.#freeCount++] = slot
  }
}
