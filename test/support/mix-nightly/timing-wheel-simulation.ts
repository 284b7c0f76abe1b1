/** The timing wheel against the plainest queue there is, from one seed: both fire the same entries in the same order. */
import { deepStrictEqual, strictEqual } from 'node:assert'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { TimingWheel } from '../../../src/lib/mix/delay/timing-wheel.ts'

/** Looks at the wheel in one simulation. */
export const WHEEL_STEPS = 3_000

const CAPACITY = 400
const SLOTS = [4_096, 1, 2, 64, 256, 8] as const
/** Entries taken at once: fewer than are due, so that the rest has to wait in its place. */
const ROOM = 7

interface Timer {
  readonly entry: number
  readonly dueUs: number
}

/** A list, sorted whenever somebody asks. */
class SortedList {
  #timers: Timer[] = []

  schedule(entry: number, dueUs: number): void {
    this.#timers.push({ entry, dueUs })
  }

  advance(nowUs: number): readonly number[] {
    const due = this.#timers.filter(({ dueUs }) => dueUs <= nowUs)
    this.#timers = this.#timers.filter(({ dueUs }) => dueUs > nowUs)
    return due.toSorted((a, b) => a.dueUs - b.dueUs).map(({ entry }) => entry)
  }

  get nextDueUs(): number {
    return this.#timers.reduce((least, { dueUs }) => Math.min(least, dueUs), Number.POSITIVE_INFINITY)
  }
}

/** @throws AssertionError where the two differ */
export function simulateTimingWheel(seed: number): void {
  const random = new SeededRandom(seed)
  const startUs = random.below(2 ** 31) * 1_000 + 123.25
  const wheel = new TimingWheel({ capacity: CAPACITY, slots: SLOTS[seed % SLOTS.length] ?? 64, startUs })
  const list = new SortedList()
  const free = Array.from({ length: CAPACITY }, (_, i) => i)
  let now = startUs
  for (let step = 0; step < WHEEL_STEPS; step++) {
    while (free.length > 0 && random.chance(0.6)) {
      const entry = free.splice(random.below(free.length), 1)[0] as number
      // Times are unique, so that there is one right order.
      const dueUs = now + delayUs(random) + (entry + 1) / 1_024
      wheel.schedule(entry, dueUs)
      list.schedule(entry, dueUs)
    }
    strictEqual(wheel.nextDueUs(), list.nextDueUs)
    now += random.chance(0.01) ? random.below(90_000_000) : random.below(3_000) / 2
    const fired = takeDue(wheel, now)
    deepStrictEqual(fired, list.advance(now))
    free.push(...fired)
    strictEqual(wheel.size, CAPACITY - free.length)
  }
}

function takeDue(wheel: TimingWheel, nowUs: number): number[] {
  const out: number[] = []
  const fired = new Int32Array(ROOM)
  for (;;) {
    const count = wheel.advance(nowUs, fired)
    out.push(...fired.subarray(0, count))
    if (count < ROOM) return out
  }
}

function delayUs(random: SeededRandom): number {
  const kind = random.below(10)
  if (kind === 0) return 0
  if (kind === 1) return random.below(60_000_000)
  if (kind === 2) return random.below(4) * 64_000
  return random.below(100_000)
}
