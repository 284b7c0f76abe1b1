/**
 * The packets that a node holds, in memory that all its threads share: slots of one size, each with what was found out about
 * its packet. A slot belongs to one thread at a time; it is handed over through a {@link WorkRing}, whose cursors order the
 * memory.
 */

/** Fields of a slot, as offsets in bytes. The packet follows them. */
const STATUS_AT = 0
const LENGTH_AT = 4
const KEY_EPOCH_AT = 8
const DELAY_AT = 16
const RECEIVED_AT = 24
const WORKER_AT = 32
const TICKET_AT = 36
const ADDRESS_AT = 40
const TAU_AT = 72
const SURB_ID_AT = 104
const FIELDS_BYTES = 128

/** Slots begin at multiples of this: no two of them share a line of the cache. Bytes. */
const ALIGNMENT = 64

const ADDRESS_BYTES = 32
const SURB_ID_BYTES = 16
const SECRET_BYTES = SURB_ID_AT + SURB_ID_BYTES - ADDRESS_AT

/** How the memory is cut; travels between threads as it is. */
export interface SlotMemory {
  readonly shared: SharedArrayBuffer
  readonly count: number
  readonly packetBytes: number
}

/** @param count slots @param packetBytes size of every packet of the network */
export function allocateSlots(count: number, packetBytes: number): SlotMemory {
  return { shared: new SharedArrayBuffer(count * strideOf(packetBytes)), count, packetBytes }
}

function strideOf(packetBytes: number): number {
  return Math.ceil((FIELDS_BYTES + packetBytes) / ALIGNMENT) * ALIGNMENT
}

/** One thread's view of the slots. */
export class PacketSlots {
  readonly count: number
  readonly packetBytes: number
  readonly #stride: number
  readonly #bytes: Uint8Array
  readonly #integers: Int32Array
  readonly #numbers: Float64Array
  /** Made once: a view for each packet would be an allocation for each packet. */
  readonly #packets: readonly Uint8Array[]

  constructor({ shared, count, packetBytes }: SlotMemory) {
    this.count = count
    this.packetBytes = packetBytes
    this.#stride = strideOf(packetBytes)
    this.#bytes = new Uint8Array(shared)
    this.#integers = new Int32Array(shared)
    this.#numbers = new Float64Array(shared)
    this.#packets = Array.from(
      { length: count },
      (_, slot) => new Uint8Array(shared, slot * this.#stride + FIELDS_BYTES, packetBytes),
    )
  }

  /** The whole packet; what an unwrap leaves is its first `length(slot)` bytes. */
  packet(slot: number): Uint8Array {
    return this.#packets[slot] as Uint8Array
  }

  /** 0 forward, 1 deliver, 2 reply, else `DROP_STATUS` and the place of the reason among the drop reasons. */
  status(slot: number): number {
    return this.#integers[(slot * this.#stride + STATUS_AT) >> 2] as number
  }

  setStatus(slot: number, status: number): void {
    this.#integers[(slot * this.#stride + STATUS_AT) >> 2] = status
  }

  /** Bytes of the outgoing packet or payload. */
  length(slot: number): number {
    return this.#integers[(slot * this.#stride + LENGTH_AT) >> 2] as number
  }

  setLength(slot: number, bytes: number): void {
    this.#integers[(slot * this.#stride + LENGTH_AT) >> 2] = bytes
  }

  /** Key epoch of the mix key that opened the packet. */
  keyEpoch(slot: number): number {
    return (this.#integers[(slot * this.#stride + KEY_EPOCH_AT) >> 2] as number) >>> 0
  }

  setKeyEpoch(slot: number, epoch: number): void {
    this.#integers[(slot * this.#stride + KEY_EPOCH_AT) >> 2] = epoch
  }

  /** Microseconds from the packet's arrival to its release. */
  delayUs(slot: number): number {
    return this.#numbers[(slot * this.#stride + DELAY_AT) >> 3] as number
  }

  setDelayUs(slot: number, delayUs: number): void {
    this.#numbers[(slot * this.#stride + DELAY_AT) >> 3] = delayUs
  }

  /** When the node got it: monotonic microseconds of the thread that owns the links. */
  receivedAt(slot: number): number {
    return this.#numbers[(slot * this.#stride + RECEIVED_AT) >> 3] as number
  }

  setReceivedAt(slot: number, us: number): void {
    this.#numbers[(slot * this.#stride + RECEIVED_AT) >> 3] = us
  }

  /** Which worker opened the packet. */
  worker(slot: number): number {
    return this.#integers[(slot * this.#stride + WORKER_AT) >> 2] as number
  }

  setWorker(slot: number, worker: number): void {
    this.#integers[(slot * this.#stride + WORKER_AT) >> 2] = worker
  }

  /** What the replay filter gave that worker for the tag. */
  ticket(slot: number): number {
    return this.#integers[(slot * this.#stride + TICKET_AT) >> 2] as number
  }

  setTicket(slot: number, ticket: number): void {
    this.#integers[(slot * this.#stride + TICKET_AT) >> 2] = ticket
  }

  /** All slots; `addressAt` says where in it. */
  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** Offset of the next node's id or the recipient's, 32 bytes. */
  addressAt(slot: number): number {
    return slot * this.#stride + ADDRESS_AT
  }

  setAddress(slot: number, address: Uint8Array): void {
    this.#bytes.set(address, slot * this.#stride + ADDRESS_AT)
  }

  /** A copy, 32 bytes. */
  address(slot: number): Uint8Array {
    const at = this.addressAt(slot)
    return this.#bytes.slice(at, at + ADDRESS_BYTES)
  }

  /** Offset of tau, 32 bytes: the secret that delays of the node's own choice are made of. */
  tauAt(slot: number): number {
    return slot * this.#stride + TAU_AT
  }

  setTau(slot: number, tau: Uint8Array): void {
    this.#bytes.set(tau, slot * this.#stride + TAU_AT)
  }

  setSurbId(slot: number, id: Uint8Array): void {
    this.#bytes.set(id, slot * this.#stride + SURB_ID_AT)
  }

  /** A copy, 16 bytes. */
  surbId(slot: number): Uint8Array {
    const at = slot * this.#stride + SURB_ID_AT
    return this.#bytes.slice(at, at + SURB_ID_BYTES)
  }

  /** Overwrites where the packet was going, and tau: whoever reads the memory later learns no path from it. */
  forget(slot: number): void {
    const at = slot * this.#stride + ADDRESS_AT
    this.#bytes.fill(0, at, at + SECRET_BYTES)
  }
}
