/** The way to one peer: packets wait here for its link, which is opened when it is needed and again when it broke. */
import { type RandomSource, type TimerClock, uniformReal } from '../../core/index.ts'
import {
  BATCH_PACKETS,
  LINK_QUEUE_BYTES,
  OUTBOX_PACKETS,
  REDIAL_LEAST_MS,
  REDIAL_MOST_MS,
} from './constants.ts'
import type { PacketPipe } from './packet-pipe.ts'

export interface OutboxOptions {
  readonly packetBytes: number
  /** Opens the link. */
  readonly dial: (signal: AbortSignal) => Promise<PacketPipe>
  readonly clock: TimerClock
  readonly random: RandomSource
  /** Why an attempt failed, for the log of the operator. */
  readonly onFailure?: (error: unknown) => void
}

export class Outbox {
  readonly #options: OutboxOptions
  readonly #abort = new AbortController()
  #pipe: PacketPipe | undefined
  #isDialling = false
  #failures = 0
  #cancelRedial: (() => void) | undefined
  /** Whole batches, oldest first. */
  #batches: Uint8Array[] = []
  #batch: Uint8Array
  #batchPackets = 0

  constructor(options: OutboxOptions) {
    this.#options = options
    this.#batch = this.#newBatch()
  }

  /** Packets that wait for the link. */
  get waiting(): number {
    return this.#batches.length * BATCH_PACKETS + this.#batchPackets
  }

  get isOpen(): boolean {
    return this.#pipe !== undefined
  }

  /** Copies a packet; false when there is no room for it. It is sent with the next `flush`. */
  add(packet: Uint8Array): boolean {
    if (this.#abort.signal.aborted || this.waiting >= OUTBOX_PACKETS) return false
    this.#batch.set(packet, this.#batchPackets * this.#options.packetBytes)
    this.#batchPackets++
    if (this.#batchPackets === BATCH_PACKETS) {
      this.#batches.push(this.#batch)
      this.#batch = this.#newBatch()
      this.#batchPackets = 0
    }
    return true
  }

  /** Sends what waits as far as the link takes it. */
  flush(): void {
    const pipe = this.#pipe
    if (pipe === undefined) {
      if (this.waiting > 0) this.#dial()
      return
    }
    while (this.#batches.length > 0 && pipe.queuedBytes < LINK_QUEUE_BYTES)
      pipe.write(this.#batches.shift() as Uint8Array)
    if (this.#batchPackets === 0 || pipe.queuedBytes >= LINK_QUEUE_BYTES) return
    pipe.write(this.#batch.slice(0, this.#batchPackets * this.#options.packetBytes))
    this.#batchPackets = 0
  }

  /** Opens the link before there is a packet. */
  open(): void {
    if (this.#pipe === undefined) this.#dial()
  }

  /** Lets the link send what it has, and ends it. */
  close(): void {
    this.#abort.abort()
    this.#cancelRedial?.()
    this.#pipe?.close()
    this.#batches = []
    this.#batchPackets = 0
  }

  #newBatch(): Uint8Array {
    return new Uint8Array(BATCH_PACKETS * this.#options.packetBytes)
  }

  #dial(): void {
    if (this.#isDialling || this.#cancelRedial !== undefined || this.#abort.signal.aborted) return
    this.#isDialling = true
    this.#options.dial(this.#abort.signal).then(
      (pipe) => this.#opened(pipe),
      (error: unknown) => this.#failed(error),
    )
  }

  #opened(pipe: PacketPipe): void {
    this.#isDialling = false
    if (this.#abort.signal.aborted) {
      pipe.close()
      return
    }
    this.#pipe = pipe
    this.#failures = 0
    pipe.attach({
      // The peer has nothing to say on a link that is ours.
      data: () => {},
      close: () => {
        this.#pipe = undefined
        this.#redialLater()
      },
    })
    this.flush()
  }

  #failed(error: unknown): void {
    this.#isDialling = false
    if (this.#abort.signal.aborted) return
    this.#options.onFailure?.(error)
    this.#redialLater()
  }

  /** Not at once, and not at the same moment as all other peers of a node that comes back. */
  #redialLater(): void {
    if (this.#abort.signal.aborted) return
    const { clock, random } = this.#options
    const mostMs = Math.min(REDIAL_MOST_MS, REDIAL_LEAST_MS * 2 ** Math.min(this.#failures, 10))
    this.#failures++
    this.#cancelRedial = clock.schedule(uniformReal(random, mostMs / 2, mostMs), () => {
      this.#cancelRedial = undefined
      this.flush()
    })
  }
}
