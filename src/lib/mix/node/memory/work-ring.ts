/**
 * Hands slots from the thread of the links to one worker and back: a ring of slot numbers with two cursors. The links' thread
 * publishes, the worker finishes in the same order, and the links' thread takes back what is finished. An entry stays in the
 * ring until it was taken back, so that when a worker dies the ring says which packets it had.
 */

/** Places of the control words. Each has a line of the cache to itself: two threads write them all the time. */
const PUBLISHED = 0
const FINISHED = 16
const BELL = 32
const ORDERS = 48
const CONTROL_WORDS = 64

export interface RingMemory {
  readonly shared: SharedArrayBuffer
  readonly capacity: number
}

/** @param capacity slots that a worker may have at once: a power of two */
export function allocateRing(capacity: number): RingMemory {
  if (capacity < 2 || (capacity & (capacity - 1)) !== 0) throw new RangeError('ring: not a power of two')
  const words = CONTROL_WORDS + capacity
  return { shared: new SharedArrayBuffer(words * Int32Array.BYTES_PER_ELEMENT), capacity }
}

/** The links' end. */
export class RingProducer {
  readonly #words: Int32Array
  readonly #capacity: number
  #published = 0
  #taken = 0

  constructor({ shared, capacity }: RingMemory) {
    this.#words = new Int32Array(shared)
    this.#capacity = capacity
  }

  /** Slots that were handed over and not taken back. */
  get pending(): number {
    return (this.#published - this.#taken) | 0
  }

  /** Slots that it takes before it is full. */
  get room(): number {
    return this.#capacity - this.pending
  }

  /** Puts a slot into the ring; the worker sees it after `publish`. False when the ring is full. */
  offer(slot: number): boolean {
    if (this.pending >= this.#capacity) return false
    this.#words[CONTROL_WORDS + (this.#published & (this.#capacity - 1))] = slot
    this.#published = (this.#published + 1) | 0
    return true
  }

  /** Shows the worker what was offered, and wakes it. */
  publish(): void {
    if (Atomics.load(this.#words, PUBLISHED) === this.#published) return
    Atomics.store(this.#words, PUBLISHED, this.#published)
    Atomics.notify(this.#words, PUBLISHED)
  }

  /** The next finished slot, or -1. */
  take(): number {
    if (this.#taken === Atomics.load(this.#words, FINISHED)) return -1
    return this.#takeAny()
  }

  /** After the worker died: the next slot that it had not finished, or -1. */
  takeUnfinished(): number {
    return this.pending === 0 ? -1 : this.#takeAny()
  }

  #takeAny(): number {
    const slot = this.#words[CONTROL_WORDS + (this.#taken & (this.#capacity - 1))] as number
    this.#taken = (this.#taken + 1) | 0
    return slot
  }

  /** Tells the worker that a message waits for it, even when no packet comes. */
  order(): void {
    Atomics.add(this.#words, ORDERS, 1)
    Atomics.notify(this.#words, PUBLISHED)
  }

  /** Resolves when the worker has finished something that was not taken yet; at once when there is something already. */
  whenFinished(): Promise<unknown> {
    const rung = Atomics.load(this.#words, BELL)
    if (this.#taken !== Atomics.load(this.#words, FINISHED)) return Promise.resolve()
    const { async, value } = Atomics.waitAsync(this.#words, BELL, rung)
    return async ? value : Promise.resolve()
  }

  /** Ends a wait of `whenFinished`. */
  ring(): void {
    Atomics.add(this.#words, BELL, 1)
    Atomics.notify(this.#words, BELL)
  }
}

/** The worker's end. */
export class RingConsumer {
  readonly #words: Int32Array
  readonly #capacity: number
  #read: number
  #finished: number
  #orders = 0

  constructor({ shared, capacity }: RingMemory) {
    this.#words = new Int32Array(shared)
    this.#capacity = capacity
    this.#finished = Atomics.load(this.#words, FINISHED)
    this.#read = this.#finished
  }

  /** The next slot to work on, or -1. */
  next(): number {
    if (this.#read === Atomics.load(this.#words, PUBLISHED)) return -1
    const slot = this.#words[CONTROL_WORDS + (this.#read & (this.#capacity - 1))] as number
    this.#read = (this.#read + 1) | 0
    return slot
  }

  /** Gives back all slots that were read, and wakes the links' thread. */
  finish(): void {
    if (this.#finished === this.#read) return
    this.#finished = this.#read
    Atomics.store(this.#words, FINISHED, this.#finished)
    Atomics.add(this.#words, BELL, 1)
    Atomics.notify(this.#words, BELL)
  }

  /** True once after each `order` of the links' thread, or several of them. */
  hasOrders(): boolean {
    const orders = Atomics.load(this.#words, ORDERS)
    if (orders === this.#orders) return false
    this.#orders = orders
    return true
  }

  /** Sleeps until there is a slot or an order, at most this long: a wake-up that came too early is not waited for forever. */
  wait(timeoutMs: number): void {
    if (Atomics.load(this.#words, ORDERS) !== this.#orders) return
    Atomics.wait(this.#words, PUBLISHED, this.#read, timeoutMs)
  }
}
