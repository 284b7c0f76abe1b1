/**
 * A hashed timing wheel (Varghese and Lauck, SOSP 1987, scheme 6): setting a timer and letting it fire cost the same
 * however many there are, and neither allocates.
 */
import { AivError } from '../../core/index.ts'
import { TICK_US } from './constants.ts'
import { sortByDue } from './sort-by-due.ts'

const NONE = -1

/** Slots of one turn, a power of two: 4.096 s. What is due later stays in its slot for another turn. */
const DEFAULT_SLOTS = 4_096

export interface TimingWheelOptions {
  /** Entries are 0..capacity-1. */
  readonly capacity: number
  /** A power of two; default 4,096. */
  readonly slots?: number
  /** Monotonic microseconds at which the wheel begins. */
  readonly startUs?: number
}

/**
 * Timers for entries that the caller numbers, such as the buffers of waiting packets. Slots are one millisecond wide,
 * but an entry has its exact time: it never fires early, and entries fire in order of their times. The order of
 * arrival must not show in the order of departure.
 *
 * Time is monotonic. A clock that goes back is taken to stand still.
 */
export class TimingWheel {
  readonly capacity: number
  readonly #mask: number
  readonly #heads: Int32Array
  readonly #next: Int32Array
  /** Microseconds; NaN for an entry that is not waiting. */
  readonly #due: Float64Array
  #tick: number
  #nowUs: number
  #size = 0

  constructor({ capacity, slots = DEFAULT_SLOTS, startUs = 0 }: TimingWheelOptions) {
    if (!Number.isSafeInteger(capacity) || capacity < 1 || capacity > 2 ** 30)
      throw new AivError('E_USAGE', 'a timing wheel has 1 to 2^30 entries')
    if (!Number.isSafeInteger(slots) || slots < 1 || slots > 2 ** 20 || (slots & (slots - 1)) !== 0)
      throw new AivError('E_USAGE', 'the slots of a timing wheel are a power of two up to 2^20')
    this.capacity = capacity
    this.#mask = slots - 1
    this.#heads = new Int32Array(slots).fill(NONE)
    this.#next = new Int32Array(capacity).fill(NONE)
    this.#due = new Float64Array(capacity).fill(Number.NaN)
    this.#nowUs = startUs
    this.#tick = Math.floor(startUs / TICK_US)
  }

  /** Entries that wait. */
  get size(): number {
    return this.#size
  }

  /** True while the entry waits. */
  isWaiting(entry: number): boolean {
    return !Number.isNaN(this.#due[entry] ?? Number.NaN)
  }

  /**
   * Lets an entry wait until `dueUs`; when that is past, it fires at the next {@link advance}.
   * @throws AivError `E_INTERNAL` for an entry that waits already or does not exist: two packets would share a buffer
   */
  schedule(entry: number, dueUs: number): void {
    if (!(entry >= 0 && entry < this.capacity) || !Number.isFinite(dueUs) || this.isWaiting(entry))
      throw new AivError('E_INTERNAL', 'a timer of no free entry, or of no time')
    this.#due[entry] = dueUs
    this.#push(entry, dueUs)
    this.#size++
  }

  /**
   * Moves to `nowUs` and writes what is due into `fired`, earliest first.
   * @returns how many; when `fired` is full there may be more, which the next call gives
   */
  advance(nowUs: number, fired: Int32Array): number {
    if (nowUs > this.#nowUs) this.#nowUs = nowUs
    const target = Math.floor(this.#nowUs / TICK_US)
    let count = 0
    let turnEnd = this.#tick + this.#mask
    for (;;) {
      count = this.#fireSlot(fired, count)
      if (count === fired.length) break
      if (this.#tick >= target) break
      if (this.#size === 0) this.#tick = target
      else if (this.#tick >= turnEnd) {
        // After a whole turn, as when the machine slept, empty turns are passed over.
        this.#tick = Math.min(target, Math.max(this.#tick + 1, this.#earliestTick()))
        turnEnd = this.#tick + this.#mask
      } else this.#tick++
    }
    return count
  }

  /** Time of the earliest entry, or Infinity. For deciding how long to sleep: it searches. */
  nextDueUs(): number {
    if (this.#size === 0) return Number.POSITIVE_INFINITY
    for (let tick = this.#tick; tick <= this.#tick + this.#mask; tick++) {
      let least = Number.POSITIVE_INFINITY
      for (let entry = this.#head(tick); entry !== NONE; entry = this.#next[entry] as number)
        least = Math.min(least, this.#due[entry] as number)
      if (least < (tick + 1) * TICK_US) return least
    }
    return this.#earliest()
  }

  /** Fires what is due in the slot of the current tick. */
  #fireSlot(fired: Int32Array, count: number): number {
    const slot = this.#tick & this.#mask
    let entry = this.#heads[slot] as number
    if (entry === NONE) return count
    const limit = Math.min(this.#nowUs, (this.#tick + 1) * TICK_US)
    let due = NONE
    let kept = NONE
    while (entry !== NONE) {
      const next = this.#next[entry] as number
      const isDue = (this.#due[entry] as number) <= limit
      this.#next[entry] = isDue ? due : kept
      if (isDue) due = entry
      else kept = entry
      entry = next
    }
    this.#heads[slot] = kept
    due = sortByDue(due, this.#next, this.#due)
    while (due !== NONE && count < fired.length) {
      const next = this.#next[due] as number
      this.#due[due] = Number.NaN
      this.#size--
      fired[count++] = due
      due = next
    }
    // No room for the rest, which waits where it was.
    while (due !== NONE) {
      const next = this.#next[due] as number
      this.#next[due] = this.#heads[slot] as number
      this.#heads[slot] = due
      due = next
    }
    return count
  }

  #push(entry: number, dueUs: number): void {
    // A time that is past belongs to the current tick: its own slot was already visited in this turn.
    const slot = Math.max(this.#tick, Math.floor(dueUs / TICK_US)) & this.#mask
    this.#next[entry] = this.#heads[slot] as number
    this.#heads[slot] = entry
  }

  #head(tick: number): number {
    return this.#heads[tick & this.#mask] as number
  }

  #earliest(): number {
    let least = Number.POSITIVE_INFINITY
    // A comparison with NaN is false, so that free entries count for nothing.
    for (let i = 0; i < this.capacity; i++) {
      const due = this.#due[i] as number
      if (due < least) least = due
    }
    return least
  }

  #earliestTick(): number {
    return Math.floor(this.#earliest() / TICK_US)
  }
}
