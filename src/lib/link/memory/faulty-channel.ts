/** One direction of a simulated link: splits, delays, throttles, stalls, corrupts and cuts, all from one seed. */
import { type RandomSource, type TimerClock, uniformInt, uniformReal } from '../../core/index.ts'
import { MEMORY_WINDOW_BYTES } from '../constants.ts'
import type { Channel, ChannelReader, ChannelWriter } from './channel.ts'

export interface Faults {
  /** Sizes of the delivered chunks, uniform in [min, max] bytes; default 1 to 65,536. */
  readonly chunkBytes?: { readonly min: number; readonly max: number }
  /** Share of chunks that are a single byte, 0..1; default 0. */
  readonly singleByteChance?: number
  /** One-way delay in milliseconds; default 0. */
  readonly latencyMs?: number
  /** Added to the delay of each chunk, uniform in [0, jitterMs); order is kept. Default 0. */
  readonly jitterMs?: number
  /** Capacity; default without limit. */
  readonly bytesPerSecond?: number
  /** Share of chunks before which the direction stands still, 0..1, and for how many milliseconds. */
  readonly stallChance?: number
  readonly stallMs?: number
  /** The whole link breaks once this many bytes (at least 1) have arrived in this direction. */
  readonly cutAtByte?: number
  /** The byte at this offset arrives changed by XOR with `corruptMask` (default 1). */
  readonly corruptAtByte?: number
  readonly corruptMask?: number
  /** Bytes under way before the writer's queue grows; default 256 KiB. */
  readonly windowBytes?: number
}

export class FaultyChannel implements Channel {
  readonly #writer: ChannelWriter
  readonly #reader: ChannelReader
  readonly #faults: Faults
  readonly #random: RandomSource
  readonly #clock: TimerClock
  readonly #onCut: () => void
  readonly #windowBytes: number
  #queue: Uint8Array[] = []
  #headOffset = 0
  #arrived: Uint8Array[] = []
  /** Left the writer and not taken by the reader. */
  #underway = 0
  readonly #underwayTasks: (() => void)[] = []
  #sentBytes = 0
  /** When the direction is free for the next chunk, and when the last chunk sent arrives. */
  #freeAt = 0
  #lastArrivalAt = 0
  #reading = false
  #end: 'none' | 'due' | 'sent' | 'arrived' | 'delivered' = 'none'
  #lossAfterEnd = false
  #cutDue = false
  #state: 'live' | 'discarding' | 'broken' = 'live'
  #pumpDue = false

  constructor(
    writer: ChannelWriter,
    reader: ChannelReader,
    faults: Faults,
    random: RandomSource,
    clock: TimerClock,
    onCut: () => void,
  ) {
    this.#writer = writer
    this.#reader = reader
    this.#faults = faults
    this.#random = random
    this.#clock = clock
    this.#onCut = onCut
    this.#windowBytes = faults.windowBytes ?? MEMORY_WINDOW_BYTES
  }

  write(chunks: readonly Uint8Array[]): void {
    if (this.#state === 'broken') return
    for (const chunk of chunks) if (chunk.length > 0) this.#queue.push(new Uint8Array(chunk))
    this.#requestPump(0)
  }

  end(): void {
    this.#end = 'due'
    this.#requestPump(0)
  }

  setReading(reading: boolean): void {
    this.#reading = reading
    if (reading) this.#clock.schedule(0, () => this.#deliver())
  }

  breakNow(): void {
    if (this.#state === 'broken') return
    this.#state = 'broken'
    this.#queue = []
    this.#arrived = []
    this.#clock.schedule(0, () => this.#reader.lost())
  }

  breakAfterEnd(): void {
    this.#lossAfterEnd = true
    this.#clock.schedule(0, () => this.#deliver())
  }

  discard(): void {
    if (this.#state === 'live') this.#state = 'discarding'
    this.#clock.schedule(0, () => this.#deliver())
    this.#requestPump(0)
  }

  get #broken(): boolean {
    return this.#state === 'broken'
  }

  #requestPump(delayMs: number): void {
    if (this.#pumpDue) return
    this.#pumpDue = true
    this.#clock.schedule(delayMs, () => {
      this.#pumpDue = false
      this.#pump()
    })
  }

  /** Sends what the window and the rate allow. */
  #pump(): void {
    while (!this.#broken && !this.#cutDue && this.#queue.length > 0 && this.#underway < this.#windowBytes) {
      const now = this.#clock.now()
      if (this.#freeAt > now) {
        this.#requestPump(this.#freeAt - now)
        return
      }
      this.#send(this.#take(), now)
    }
    if (this.#broken || this.#queue.length > 0 || this.#end !== 'due') return
    this.#end = 'sent'
    this.#atArrival(this.#clock.now(), () => {
      this.#end = 'arrived'
      this.#deliver()
    })
  }

  #take(): Uint8Array {
    const head = this.#queue[0] as Uint8Array
    const { chunkBytes = { min: 1, max: 65_536 }, singleByteChance = 0, cutAtByte = Infinity } = this.#faults
    const wished = this.#chance(singleByteChance)
      ? 1
      : uniformInt(this.#random, chunkBytes.min, chunkBytes.max)
    const size = Math.min(wished, head.length - this.#headOffset, Math.max(1, cutAtByte - this.#sentBytes))
    const piece = head.slice(this.#headOffset, this.#headOffset + size)
    this.#headOffset += size
    if (this.#headOffset === head.length) {
      this.#queue.shift()
      this.#headOffset = 0
    }
    return piece
  }

  #send(piece: Uint8Array, now: number): void {
    const { bytesPerSecond = Infinity, stallChance = 0, stallMs = 0, cutAtByte = Infinity } = this.#faults
    const { corruptAtByte, corruptMask = 1 } = this.#faults
    if (corruptAtByte !== undefined) {
      const at = corruptAtByte - this.#sentBytes
      if (at >= 0 && at < piece.length) piece[at] = (piece[at] as number) ^ corruptMask
    }
    this.#sentBytes += piece.length
    this.#underway += piece.length
    const cuts = this.#sentBytes >= cutAtByte
    this.#cutDue = cuts
    const stall = this.#chance(stallChance) ? stallMs : 0
    this.#freeAt = now + stall + (piece.length * 1000) / bytesPerSecond
    this.#atArrival(this.#freeAt, () => {
      this.#arrive(piece)
      if (cuts) this.#onCut()
    })
    this.#writer.settled(piece.length)
  }

  #atArrival(sentAt: number, task: () => void): void {
    const { latencyMs = 0, jitterMs = 0 } = this.#faults
    const jitter = jitterMs > 0 ? uniformReal(this.#random, 0, jitterMs) : 0
    this.#lastArrivalAt = Math.max(this.#lastArrivalAt, sentAt + latencyMs + jitter)
    this.#underwayTasks.push(task)
    // Each timer runs the oldest task, not its own: rounding may let two timers for one moment change places.
    this.#clock.schedule(this.#lastArrivalAt - this.#clock.now(), () => this.#underwayTasks.shift()?.())
  }

  #arrive(piece: Uint8Array): void {
    if (this.#broken) return
    this.#arrived.push(piece)
    this.#deliver()
  }

  #deliver(): void {
    while (this.#arrived.length > 0 && (this.#reading || this.#state === 'discarding')) {
      const piece = this.#arrived.shift() as Uint8Array
      this.#underway -= piece.length
      if (this.#state === 'live') this.#reader.data(piece)
    }
    if (!this.#broken && this.#queue.length > 0) this.#requestPump(0)
    if (this.#broken || this.#arrived.length > 0) return
    if (this.#end === 'arrived') {
      this.#end = 'delivered'
      if (this.#state === 'live') this.#reader.end()
    }
    if (this.#end === 'delivered' && this.#lossAfterEnd) this.#reader.lost()
  }

  #chance(p: number): boolean {
    return p > 0 && uniformReal(this.#random, 0, 1) < p
  }
}
