/**
 * Which tickets were used (section 9.4). An entry lives until three hours after the end of the hour that its ticket
 * matched; a full store refuses and never evicts a live one.
 *
 * Nothing is decided in memory: an entry is inserted where none of its tag lives, in one transaction of the store,
 * so that two processes on one file never accept the same ticket, and the answer waits until that is durable. Keys
 * begin with the matched hour: what has expired is one range.
 */
import { type Clock, EMPTY, readU32, unixSeconds, utf8, writeU32 } from '../../core/index.ts'
import type { Store } from '../../storage/index.ts'
import { HOUR_S, REPLAY_ENTRIES_MOST, REPLAY_HOURS_AFTER } from './constants.ts'
import { hourOf } from './derive.ts'

export type ReplayInsertion = 'inserted' | 'present' | 'full'

export interface ReplayLimits {
  /** Live entries. */
  readonly entries: number
  /** Own insertions after which those of other processes are counted again. */
  readonly recountEvery: number
}

const DEFAULT_LIMITS: ReplayLimits = { entries: REPLAY_ENTRIES_MOST, recountEvery: 65_536 }

/** A store for nothing else: of schema {@link REPLAY_SCHEMA}. */
export const REPLAY_SCHEMA = { name: 'htx.replay', version: 1 } as const

const PREFIX = utf8('t')
/** Ranges of the tag's first byte that are counted or deleted in one step, so that no step takes long. */
const SLICES = 16
/** Longest life of an entry by any clock: it may match the next hour, and stays three more after that one's end. */
const LIFE_MS = (2 + REPLAY_HOURS_AFTER) * HOUR_S * 1000
/** No clock is wrong by this much for a while only. */
const HOURS_KEPT_MOST = 7 * 24

export class ReplayStore {
  readonly #store: Store
  readonly #clock: Clock
  readonly #limits: ReplayLimits
  readonly #onError: (error: Error) => void
  /** Monotonic time of our last insertion by matched hour, or when we first found that hour over. */
  readonly #heldSince = new Map<number, number>()
  #hour: number
  #live = 0
  #pending = 0
  #insertions = 0
  #upkeep: Promise<void> | undefined

  private constructor(store: Store, clock: Clock, limits: ReplayLimits, onError: (error: Error) => void) {
    this.#store = store
    this.#clock = clock
    this.#limits = limits
    this.#onError = onError
    this.#hour = hourOf(unixSeconds(clock))
  }

  /** @param onError told when expired entries could not be cleared: the store goes on with less room */
  static async open(
    store: Store,
    clock: Clock,
    onError: (error: Error) => void,
    limits: ReplayLimits = DEFAULT_LIMITS,
  ): Promise<ReplayStore> {
    const replay = new ReplayStore(store, clock, limits, onError)
    await replay.#maintain(replay.#hour)
    return replay
  }

  /** Live entries that are known of. */
  get size(): number {
    return this.#live
  }

  /**
   * Inserts the tag unless an entry of it lives; durable when it resolves.
   * @param hour that the ticket matched
   * @throws AivError what the store throws; then the ticket counts as refused
   */
  async insert(tag: Uint8Array, hour: number): Promise<ReplayInsertion> {
    const now = hourOf(unixSeconds(this.#clock))
    if (now !== this.#hour || this.#insertions >= this.#limits.recountEvery) this.#startUpkeep(now)
    if (this.#live >= this.#limits.entries) return 'full'
    this.#live++
    this.#pending++
    let inserted = false
    try {
      inserted = await this.#store.batch([{ put: keyOf(hour, tag), value: EMPTY }], {
        ifAbsent: liveHours(now).map((live) => keyOf(live, tag)),
      })
    } finally {
      this.#pending--
      if (!inserted) this.#live--
    }
    if (!inserted) return 'present'
    this.#insertions++
    this.#heldSince.set(hour, this.#clock.now())
    return 'inserted'
  }

  /** Waits for upkeep that is under way. */
  async settled(): Promise<void> {
    await this.#upkeep
  }

  #startUpkeep(now: number): void {
    this.#hour = now
    this.#insertions = 0
    // What fails leaves the count too high, and a store that is fuller than it is refuses more, not less.
    this.#upkeep ??= this.#maintain(now)
      .catch(this.#onError)
      .finally(() => {
        this.#upkeep = undefined
      })
  }

  async #maintain(now: number): Promise<void> {
    await this.#clearExpired(now)
    const before = this.#live
    const pending = this.#pending
    let counted = 0
    for (const hour of liveHours(now)) {
      for (const range of slicesOf(hour)) counted += await this.#store.count(range)
    }
    // Insertions under way may be counted twice, never not at all.
    this.#live = counted + pending + Math.max(0, this.#live - before)
  }

  async #clearExpired(now: number): Promise<void> {
    const to = keyOf(now - REPLAY_HOURS_AFTER, EMPTY)
    let from: Uint8Array = PREFIX
    for (;;) {
      const hour = await this.#firstHour(from, to)
      if (hour === undefined) return
      if (this.#isOver(hour, now)) {
        for (const range of slicesOf(hour)) await this.#store.deleteRange(range)
        this.#heldSince.delete(hour)
      }
      from = keyOf(hour + 1, EMPTY)
    }
  }

  async #firstHour(from: Uint8Array, to: Uint8Array): Promise<number | undefined> {
    for await (const { key } of this.#store.scan({ from, to, limit: 1 })) return readU32(key, PREFIX.length)
    return undefined
  }

  /**
   * A wall clock that is ahead for a while must not make us forget what was used: an hour goes when its whole life has
   * passed since this process inserted into it or, for hours of other processes and of earlier runs, first found it
   * over. A process that never lives so long lets go of what is a week old.
   */
  #isOver(hour: number, nowHour: number): boolean {
    if (nowHour - hour > HOURS_KEPT_MOST) return true
    const now = this.#clock.now()
    const at = this.#heldSince.get(hour)
    if (at === undefined) this.#heldSince.set(hour, now)
    return at !== undefined && now - at >= LIFE_MS
  }
}

function keyOf(hour: number, tag: Uint8Array): Uint8Array {
  const key = new Uint8Array(PREFIX.length + 4 + tag.length)
  key.set(PREFIX)
  writeU32(key, PREFIX.length, hour)
  key.set(tag, PREFIX.length + 4)
  return key
}

/** Matched hours whose entries still live: the last one ended less than three hours ago. */
function liveHours(now: number): readonly number[] {
  const hours: number[] = []
  for (let hour = now - REPLAY_HOURS_AFTER; hour <= now + 1; hour++) hours.push(hour)
  return hours
}

function slicesOf(hour: number): readonly { readonly from: Uint8Array; readonly to: Uint8Array }[] {
  const step = 256 / SLICES
  return Array.from({ length: SLICES }, (_, slice) => ({
    from: keyOf(hour, Uint8Array.of(slice * step)),
    to: slice === SLICES - 1 ? keyOf(hour + 1, EMPTY) : keyOf(hour, Uint8Array.of((slice + 1) * step)),
  }))
}
