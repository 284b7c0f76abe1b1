/** The first bytes of one TCP direction, filled in any order. What came first for a place stays. */
import { EMPTY } from '../../../../core/index.ts'
import { MAX_ISLANDS } from '../constants.ts'

const LEAST_BYTES = 2_048

export class SegmentBuffer {
  readonly #maxBytes: number
  #bytes: Uint8Array = EMPTY
  /** Everything before this place is filled. */
  #contiguous = 0
  /** Filled pieces beyond the first hole: starts and ends in turn, in order, none touching the next. */
  #islands: number[] = []

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get contiguous(): number {
    return this.#contiguous
  }

  get hasIslands(): boolean {
    return this.#islands.length > 0
  }

  /** Memory held, in bytes. */
  get capacity(): number {
    return this.#bytes.length
  }

  /** A view of filled bytes. */
  view(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end)
  }

  /** Whether one more piece at this place stays within the bound on pieces. */
  hasRoomFor(start: number, end: number): boolean {
    if (start <= this.#contiguous || this.#islands.length < 2 * MAX_ISLANDS) return true
    return this.#islands.some((islandStart, i) => {
      return i % 2 === 0 && start <= (this.#islands[i + 1] as number) && end >= islandStart
    })
  }

  /**
   * Fills the holes in `start` to `start + length`, which lies within the bound.
   * @returns true when the bytes differ from some that were there before
   */
  add(start: number, from: Uint8Array, at: number, length: number): boolean {
    const end = start + length
    this.#reserve(end)
    let position = start
    let contradicts = false
    /** Passes over a filled piece; what lies in front of it is a hole. */
    const pass = (filledStart: number, filledEnd: number): void => {
      if (filledEnd <= position || filledStart >= end) return
      if (position < filledStart) {
        this.#copy(from, at + position - start, position, filledStart)
        position = filledStart
      }
      const stop = Math.min(filledEnd, end)
      contradicts = this.#differs(from, at + position - start, position, stop) || contradicts
      position = stop
    }
    pass(0, this.#contiguous)
    for (let i = 0; i < this.#islands.length; i += 2)
      pass(this.#islands[i] as number, this.#islands[i + 1] as number)
    if (position < end) this.#copy(from, at + position - start, position, end)
    this.#join(start, end)
    return contradicts
  }

  #copy(from: Uint8Array, at: number, start: number, end: number): void {
    this.#bytes.set(from.subarray(at, at + end - start), start)
  }

  #differs(from: Uint8Array, at: number, start: number, end: number): boolean {
    for (let i = start; i < end; i++) if (this.#bytes[i] !== from[at + i - start]) return true
    return false
  }

  /** Notes the piece as filled and joins it with those it touches. */
  #join(start: number, end: number): void {
    let [first, last] = [start, end]
    const apart: number[] = []
    for (let i = 0; i < this.#islands.length; i += 2) {
      const islandStart = this.#islands[i] as number
      const islandEnd = this.#islands[i + 1] as number
      if (islandEnd < first || islandStart > last) {
        apart.push(islandStart, islandEnd)
      } else {
        first = Math.min(first, islandStart)
        last = Math.max(last, islandEnd)
      }
    }
    if (first <= this.#contiguous) {
      this.#contiguous = Math.max(this.#contiguous, last)
    } else {
      let place = 0
      while (place < apart.length && (apart[place] as number) < first) place += 2
      apart.splice(place, 0, first, last)
    }
    this.#islands = apart
  }

  #reserve(end: number): void {
    if (end <= this.#bytes.length) return
    const capacity = Math.min(this.#maxBytes, Math.max(end, 2 * this.#bytes.length, LEAST_BYTES))
    const grown = new Uint8Array(capacity)
    grown.set(this.#bytes)
    this.#bytes = grown
  }
}
