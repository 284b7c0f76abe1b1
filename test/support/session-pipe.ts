/**
 * One direction of a simulated link: an ordered byte stream with a rate, a latency, stalls and chunk borders drawn
 * from a seed, and at most one fault. Everything happens in clock callbacks, never within `write`.
 */
import { concat, type ManualClock, type SeededRandom } from '../../src/lib/core/index.ts'

/** A fault at a byte of the stream; chunk faults hit the chunk that holds it. */
export interface PipeFault {
  readonly kind: 'cut' | 'corrupt' | 'drop' | 'duplicate' | 'swap'
  readonly at: number
}

export interface PipeOptions {
  readonly latencyMs: number
  /** Uniform extra delay of each chunk, milliseconds; order is kept. */
  readonly jitterMs: number
  readonly bytesPerMs: number
  /** `bytes`: single ones; `mixed`: 1 to 4,000; `whole`: as much as there is. */
  readonly chunks: 'bytes' | 'mixed' | 'whole'
  /** Probability that a chunk waits `stallMs` more. */
  readonly stallChance: number
  readonly stallMs: number
  readonly fault?: PipeFault | undefined
}

export const PERFECT_PIPE: PipeOptions = {
  latencyMs: 0,
  jitterMs: 0,
  bytesPerMs: Number.POSITIVE_INFINITY,
  chunks: 'whole',
  stallChance: 0,
  stallMs: 0,
}

export interface PipeEnds {
  /** The transport has taken bytes off `queuedBytes`. */
  accepted(): void
  deliver(chunk: Uint8Array): void
  /** The writer has ended and everything was delivered. */
  ended(): void
  /** The link broke: nothing more comes, in either direction. */
  broke(): void
}

/** A queue is sent in at most this many bytes at once, so that a rate means something. */
const SEGMENT = 16_384

export class SimulatedPipe {
  readonly #clock: ManualClock
  readonly #random: SeededRandom
  readonly #options: PipeOptions
  readonly #ends: PipeEnds
  readonly #cancels = new Set<() => void>()
  #waiting: Uint8Array[] = []
  #queued = 0
  #sending = false
  #ending = false
  #dead = false
  #lastDeliveryAt = 0
  #inFlight = 0
  readonly #onTheWay: { readonly at: number; readonly action: () => void }[] = []
  #onTheWayFirst = 0
  /** Bytes put on the way so far. */
  #sent = 0
  #held: Uint8Array | undefined
  #faultDone = false

  constructor(clock: ManualClock, random: SeededRandom, options: PipeOptions, ends: PipeEnds) {
    this.#clock = clock
    this.#random = random
    this.#options = options
    this.#ends = ends
  }

  /** Bytes written that the transport has not taken. */
  get queuedBytes(): number {
    return this.#queued
  }

  /** True once the fault has happened. */
  get faulted(): boolean {
    return this.#faultDone
  }

  write(chunks: readonly Uint8Array[]): void {
    if (this.#dead || this.#ending) return
    for (const chunk of chunks) {
      this.#waiting.push(chunk)
      this.#queued += chunk.length
    }
    this.#send()
  }

  end(): void {
    if (this.#ending || this.#dead) return
    this.#ending = true
    this.#finishIfDone()
  }

  /** Drops everything and calls nobody any more. */
  kill(): void {
    this.#dead = true
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
    this.#waiting = []
    this.#queued = 0
  }

  #after(ms: number, action: () => void): void {
    const cancel = this.#clock.schedule(ms, () => {
      this.#cancels.delete(cancel)
      action()
    })
    this.#cancels.add(cancel)
  }

  #send(): void {
    if (this.#sending || this.#queued === 0) return
    this.#sending = true
    const bytes = this.#takeChunk()
    this.#after(bytes.length / this.#options.bytesPerMs, () => {
      this.#sending = false
      this.#queued -= bytes.length
      this.#putOnTheWay(bytes)
      if (this.#dead) return
      this.#ends.accepted()
      this.#send()
      this.#finishIfDone()
    })
  }

  #takeChunk(): Uint8Array {
    const { chunks, bytesPerMs } = this.#options
    // A slow link hands over what it moves in a millisecond, or one chunk would hold everything up.
    const most = Math.max(1, Math.min(SEGMENT, Math.ceil(bytesPerMs)))
    const size = chunks === 'bytes' ? 1 : chunks === 'mixed' ? 1 + this.#random.below(4_000) : most
    const limit = Math.min(size, most)
    const parts: Uint8Array[] = []
    let left = limit
    while (left > 0 && this.#waiting.length > 0) {
      const chunk = this.#waiting[0] as Uint8Array
      if (chunk.length <= left) {
        parts.push(chunk)
        this.#waiting.shift()
        left -= chunk.length
      } else {
        parts.push(chunk.subarray(0, left))
        this.#waiting[0] = chunk.subarray(left)
        left = 0
      }
    }
    return concat(...parts)
  }

  #putOnTheWay(bytes: Uint8Array): void {
    const start = this.#sent
    this.#sent += bytes.length
    const { fault } = this.#options
    const hit = fault !== undefined && !this.#faultDone && fault.at >= start && fault.at < this.#sent
    if (!hit) {
      this.#deliverLater(bytes)
      if (this.#held !== undefined) {
        this.#deliverLater(this.#held)
        this.#held = undefined
      }
      return
    }
    this.#faultDone = true
    const offset = fault.at - start
    switch (fault.kind) {
      case 'cut':
        if (offset > 0) this.#deliverLater(bytes.subarray(0, offset))
        this.#breakLater()
        return
      case 'corrupt': {
        const bad = bytes.slice()
        bad[offset] = (bad[offset] as number) ^ (1 << this.#random.below(8))
        this.#deliverLater(bad)
        return
      }
      case 'drop':
        return
      case 'duplicate':
        this.#deliverLater(bytes)
        this.#deliverLater(bytes)
        return
      case 'swap':
        this.#held = bytes
    }
  }

  #deliverLater(bytes: Uint8Array): void {
    this.#inFlight++
    this.#atNextDelivery(() => {
      this.#inFlight--
      this.#ends.deliver(bytes)
      this.#finishIfDone()
    })
  }

  #breakLater(): void {
    this.#atNextDelivery(() => this.#ends.broke())
    this.#ending = true
    this.#waiting = []
    this.#queued = 0
    this.#inFlight++
  }

  #atNextDelivery(action: () => void): void {
    const { latencyMs, jitterMs, stallChance, stallMs } = this.#options
    const jitter = jitterMs > 0 ? jitterMs * (this.#random.uint32() / 2 ** 32) : 0
    const stall = stallChance > 0 && this.#random.chance(stallChance) ? stallMs : 0
    this.#lastDeliveryAt = Math.max(this.#lastDeliveryAt, this.#clock.now() + latencyMs + jitter + stall)
    this.#onTheWay.push({ at: this.#lastDeliveryAt, action })
    if (this.#onTheWay.length - this.#onTheWayFirst === 1) this.#awaitFirst()
  }

  /** One timer for the first only: order is that of the queue, whatever rounding does to the times. */
  #awaitFirst(): void {
    const first = this.#onTheWay[this.#onTheWayFirst]
    if (first === undefined) return
    this.#after(first.at - this.#clock.now(), () => {
      this.#onTheWayFirst++
      if (this.#onTheWayFirst === this.#onTheWay.length) {
        this.#onTheWay.length = 0
        this.#onTheWayFirst = 0
      } else this.#awaitFirst()
      first.action()
    })
  }

  #finishIfDone(): void {
    if (!this.#ending || this.#dead || this.#queued > 0 || this.#sending || this.#inFlight > 0) return
    this.#dead = true
    this.#ends.ended()
  }
}
