/** A node without threads: the worker's part runs in the same thread, one step at a time, on packets that say what they want. */

import { unaccounted } from '../../../src/lib/mix/node/counters.ts'
import { allocateSlots, PacketSlots } from '../../../src/lib/mix/node/memory/packet-slots.ts'
import { allocateRing, RingConsumer, RingProducer } from '../../../src/lib/mix/node/memory/work-ring.ts'
import {
  type DrawnDelays,
  MixNodeCore,
  type NodeSink,
  type TagDurability,
} from '../../../src/lib/mix/node/node-core.ts'
import { RouteTable } from '../../../src/lib/mix/node/route-table.ts'
import { SlotProcessor, type SlotUnwrapper } from '../../../src/lib/mix/node/worker/slot-processor.ts'
import { workBatch } from '../../../src/lib/mix/node/worker/work-loop.ts'

export const LAB_PACKET_BYTES = 160

export interface LabPacket {
  /** 0 forward, 1 deliver, 2 reply, 20 bad MAC, 23 bad payload tag. */
  readonly status: number
  /** Identifies the packet, and is its replay tag. */
  readonly serial: number
  readonly delayMs?: number
  /** Number of the node that it goes to. */
  readonly next?: number
}

export function labPacket({ status, serial, delayMs = 0, next = 0 }: LabPacket): Uint8Array {
  const packet = new Uint8Array(LAB_PACKET_BYTES)
  const view = new DataView(packet.buffer)
  view.setUint8(0, status)
  view.setUint32(4, serial)
  view.setUint32(8, delayMs)
  packet.set(nodeId(next), 16)
  return packet
}

export function serialOf(packet: Uint8Array): number {
  return new DataView(packet.buffer, packet.byteOffset).getUint32(4)
}

/** 32 bytes; ids of 256 nodes share their first four bytes, as an attacker could make them. */
export function nodeId(node: number): Uint8Array {
  const id = new Uint8Array(32).fill(0x5a)
  id[31] = node
  return id
}

class LabUnwrapper implements SlotUnwrapper {
  nextHop: Uint8Array = new Uint8Array(32)
  recipient: Uint8Array = new Uint8Array(32)
  surbId: Uint8Array = new Uint8Array(16)
  delayMs = 0
  replayTag: Uint8Array = new Uint8Array(32)
  tau: Uint8Array = new Uint8Array(32).fill(0x7a)
  keyIndex = 0
  output: Uint8Array = new Uint8Array(0)

  unwrap(packet: Uint8Array): number {
    const view = new DataView(packet.buffer, packet.byteOffset)
    const status = view.getUint8(0)
    this.keyIndex = status < 16 || status > 20 ? 0 : -1
    this.delayMs = view.getUint32(8)
    this.replayTag = packet.slice(0, 32)
    this.nextHop = packet.slice(16, 48)
    this.recipient = this.nextHop
    this.output = status === 0 ? packet : packet.slice(4, 100)
    return status
  }
}

export interface LabNodeOptions {
  readonly slots?: number
  readonly ringSlots?: number
  readonly lanes?: number
  readonly nodes?: number
  readonly isProvider?: boolean
  readonly durability?: TagDurability
  readonly drawnDelays?: DrawnDelays
  readonly filterCapacity?: number
  readonly isDiskSlow?: boolean
  readonly sink?: Partial<NodeSink>
}

export class LabNode {
  readonly core: MixNodeCore
  readonly forwarded: { readonly serial: number; readonly route: number; readonly atUs: number }[] = []
  readonly delivered: { readonly recipient: Uint8Array; readonly payload: Uint8Array }[] = []
  nowUs = 0
  ticket = 0
  readonly tags = new Set<string>()
  readonly #lanes: { consumer: RingConsumer; processor: SlotProcessor }[] = []
  readonly #slots: PacketSlots
  readonly #options: LabNodeOptions

  constructor(options: LabNodeOptions = {}) {
    const { slots = 64, lanes = 2, nodes = 4, durability, sink } = options
    this.#options = options
    this.#slots = new PacketSlots(allocateSlots(slots, LAB_PACKET_BYTES))
    this.core = new MixNodeCore({
      slots: this.#slots,
      lanes,
      routes: new RouteTable(Array.from({ length: nodes }, (_, node) => nodeId(node))),
      limits: { maxDelayUs: 10_000_000, maxDwellUs: 250_000 },
      durability,
      drawnDelays: options.drawnDelays,
      startUs: 0,
      sink: {
        forward: (route, packet) => {
          this.forwarded.push({ serial: serialOf(packet), route, atUs: this.nowUs })
          return true
        },
        deliver: (recipient, payload) => {
          this.delivered.push({ recipient, payload: payload.slice() })
          return true
        },
        reply: () => true,
        ...sink,
      },
    })
    for (let lane = 0; lane < lanes; lane++) this.startLane(lane)
  }

  /** A new worker in place of the one before. */
  startLane(lane: number): void {
    const memory = allocateRing(this.#options.ringSlots ?? 32)
    this.core.attachLane(lane, new RingProducer(memory))
    const processor = new SlotProcessor({
      slots: this.#slots,
      worker: lane,
      unwrapper: new LabUnwrapper(),
      isProvider: this.#options.isProvider ?? true,
    })
    processor.setKeys([
      {
        epoch: 7,
        filter: this,
        isDrawn: this.#options.drawnDelays !== undefined,
        delayOf: (commandMs) => Math.max(1, commandMs) * 1_000,
      },
    ])
    this.#lanes[lane] = { consumer: new RingConsumer(memory), processor }
  }

  insert(tag: Uint8Array): 'new' | 'seen' | 'full' | 'behind' {
    const name = Buffer.from(tag).toString('hex')
    if (this.tags.has(name)) return 'seen'
    if (this.tags.size >= (this.#options.filterCapacity ?? 1e9)) return 'full'
    if (this.#options.isDiskSlow === true) return 'behind'
    this.tags.add(name)
    this.ticket++
    return 'new'
  }

  receive(packet: LabPacket): void {
    this.core.receive(labPacket(packet), this.nowUs)
  }

  /** One batch of one worker. */
  work(lane: number): void {
    const { consumer, processor } = this.#lanes[lane] as { consumer: RingConsumer; processor: SlotProcessor }
    workBatch(consumer, processor)
  }

  /** Everything that can be done without time passing. */
  settle(): void {
    this.core.flush()
    for (const lane of this.#lanes.keys()) this.work(lane)
    this.core.collect(this.nowUs)
    this.core.advance(this.nowUs)
  }

  pass(us: number): void {
    this.nowUs += us
    this.core.advance(this.nowUs)
  }

  get unaccounted(): number {
    return unaccounted(this.core.counts)
  }
}
