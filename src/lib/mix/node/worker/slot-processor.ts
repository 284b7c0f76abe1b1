/**
 * What a worker does with one packet: opens it where it lies, enters its replay tag, and writes beside it what is to become of
 * it. It never throws for what a packet contains, and allocates nothing itself.
 */
import { DROP_STATUS, UNWRAP_STATUS } from '../../../sphinx/index.ts'
import { dropReasonIndex } from '../../drop-reason.ts'
import type { PacketSlots } from '../memory/packet-slots.ts'

/** Opens packets; the results are those of the last call and valid until the next. */
export interface SlotUnwrapper {
  /** 0 forward, 1 deliver, 2 reply, else 16 and the place of the reason among those of an unwrap. */
  unwrap(packet: Uint8Array): number
  readonly nextHop: Uint8Array
  readonly recipient: Uint8Array
  readonly surbId: Uint8Array
  readonly delayMs: number
  readonly replayTag: Uint8Array
  readonly tau: Uint8Array
  /** Which of the keys fitted; -1 when none did: then the header was not authentic. */
  readonly keyIndex: number
  /** The outgoing packet or the payload. */
  readonly output: Uint8Array
}

/** `behind`: the disk does not keep up, so that the tag could not be made durable. */
type ReplayVerdict = 'new' | 'seen' | 'full' | 'behind'

/** The replay filter of one mix key. */
export interface SlotReplayFilter {
  insert(tag: Uint8Array): ReplayVerdict
  /** After `new`: by which it is known when the tag is on the disk. */
  readonly ticket: number
}

/** Delay of a forwarded packet in microseconds, from what the sender asked for in milliseconds and from tau. */
export type DelayRule = (commandMs: number, tau: Uint8Array) => number

/** What opens packets of one mix key. In the order of the unwrapper's keys. */
export interface SlotKey {
  readonly epoch: number
  readonly filter: SlotReplayFilter
  readonly delayOf: DelayRule
  /** Whether the node draws delays of this epoch: then tau stays with the packet until the log has its line. */
  readonly isDrawn: boolean
}

export interface SlotProcessorOptions {
  readonly slots: PacketSlots
  /** Number of this worker. */
  readonly worker: number
  readonly unwrapper: SlotUnwrapper
  /** False for a mix: it takes only packets that go on. */
  readonly isProvider: boolean
}

const REFUSED = {
  seen: DROP_STATUS + dropReasonIndex('replayed'),
  full: DROP_STATUS + dropReasonIndex('replay_filter_full'),
  behind: DROP_STATUS + dropReasonIndex('replay_log_behind'),
}
const NOT_A_PROVIDER = DROP_STATUS + dropReasonIndex('not_a_provider')

export class SlotProcessor {
  readonly #slots: PacketSlots
  readonly #worker: number
  readonly #unwrapper: SlotUnwrapper
  readonly #isProvider: boolean
  #keys: readonly SlotKey[] = []

  constructor({ slots, worker, unwrapper, isProvider }: SlotProcessorOptions) {
    this.#slots = slots
    this.#worker = worker
    this.#unwrapper = unwrapper
    this.#isProvider = isProvider
  }

  /** In the order of the unwrapper's keys. */
  setKeys(keys: readonly SlotKey[]): void {
    this.#keys = keys
  }

  process(slot: number): void {
    this.#slots.setStatus(slot, this.#statusOf(slot))
  }

  #statusOf(slot: number): number {
    const unwrapper = this.#unwrapper
    const status = unwrapper.unwrap(this.#slots.packet(slot))
    // Before anything else is decided about an authentic packet: else what is dropped could come again.
    const key = this.#keys[unwrapper.keyIndex]
    if (key === undefined) return status
    const verdict = key.filter.insert(unwrapper.replayTag)
    if (verdict !== 'new') return REFUSED[verdict]
    if (status >= DROP_STATUS) return status
    this.#slots.setKeyEpoch(slot, key.epoch)
    this.#slots.setWorker(slot, this.#worker)
    this.#slots.setTicket(slot, key.filter.ticket)
    return status === UNWRAP_STATUS.forward ? this.#forward(slot, key) : this.#terminal(slot, status)
  }

  #forward(slot: number, key: SlotKey): number {
    const { nextHop, delayMs, tau, output } = this.#unwrapper
    this.#slots.setAddress(slot, nextHop)
    this.#slots.setDelayUs(slot, key.delayOf(delayMs, tau))
    if (key.isDrawn) this.#slots.setTau(slot, tau)
    this.#keep(slot, output)
    return UNWRAP_STATUS.forward
  }

  #terminal(slot: number, status: number): number {
    if (!this.#isProvider) return NOT_A_PROVIDER
    const { recipient, surbId, output } = this.#unwrapper
    this.#slots.setAddress(slot, recipient)
    if (status === UNWRAP_STATUS.reply) this.#slots.setSurbId(slot, surbId)
    this.#keep(slot, output)
    return status
  }

  #keep(slot: number, output: Uint8Array): void {
    const packet = this.#slots.packet(slot)
    if (output.buffer !== packet.buffer || output.byteOffset !== packet.byteOffset) packet.set(output)
    this.#slots.setLength(slot, output.length)
  }
}
