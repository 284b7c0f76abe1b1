/**
 * The cover connections of one fallback: which origins they go to and when they end. Sans-IO: it says what to open and
 * what to close, and is told what became of it.
 */
import { type Clock, type RandomSource, uniformInt, uniformReal } from '../../../core/index.ts'
import { COVER_LIFE_MS, COVER_OPEN_MS } from './constants.ts'

export interface CoverSetOptions {
  readonly clock: Clock
  readonly random: RandomSource
  /** URLs of unrelated sites. */
  readonly origins: readonly string[]
  readonly open: (cover: number, origin: string) => void
  readonly close: (cover: number) => void
}

interface Cover {
  readonly round: number
  isOpen: boolean
  carriesTraffic: boolean
  /** When it is given up: while it opens, because that takes too long; afterwards, because its life is over. */
  endsAt: number
}

export class CoverSet {
  readonly #options: CoverSetOptions
  readonly #covers = new Map<number, Cover>()
  #unused: string[] = []
  #round = 0
  #next = 0

  constructor(options: CoverSetOptions) {
    this.#options = options
  }

  /** True when all are closed. */
  get isEmpty(): boolean {
    return this.#covers.size === 0
  }

  /** Those of the last round that are open, or may open yet. */
  get live(): number {
    let live = 0
    for (const { round } of this.#covers.values()) if (round === this.#round) live++
    return live
  }

  /** Opens so many to origins drawn anew, none twice. */
  startRound(count: number): void {
    this.#round++
    this.#unused = [...this.#options.origins]
    for (let i = 0; i < count; i++) this.openOne()
  }

  /** False when every origin has had its turn. */
  openOne(): boolean {
    const { clock, random } = this.#options
    if (this.#unused.length === 0) return false
    const [origin] = this.#unused.splice(uniformInt(random, 0, this.#unused.length - 1), 1)
    const cover = this.#next++
    const endsAt = clock.now() + COVER_OPEN_MS
    this.#covers.set(cover, { round: this.#round, isOpen: false, carriesTraffic: false, endsAt })
    this.#options.open(cover, origin as string)
    return true
  }

  opened(id: number): void {
    const cover = this.#covers.get(id)
    if (cover === undefined || cover.isOpen) return
    const { clock, random } = this.#options
    cover.isOpen = true
    cover.endsAt = clock.now() + uniformReal(random, COVER_LIFE_MS.min, COVER_LIFE_MS.max)
  }

  /** It did not open, or the other side has ended it. False when it was not among these any more. */
  ended(id: number): boolean {
    return this.#covers.delete(id)
  }

  /** User traffic keeps a connection open beyond its time. */
  traffic(id: number, carries: boolean): void {
    const cover = this.#covers.get(id)
    if (cover !== undefined) cover.carriesTraffic = carries
  }

  /** Closes those whose time is over. */
  tick(): void {
    const now = this.#options.clock.now()
    for (const [id, cover] of this.#covers) if (this.#endOf(cover) <= now) this.#close(id)
  }

  /** When `tick` is wanted next, monotonic milliseconds; infinity when never. */
  nextDeadline(): number {
    let at = Number.POSITIVE_INFINITY
    for (const cover of this.#covers.values()) at = Math.min(at, this.#endOf(cover))
    return at
  }

  closeAll(): void {
    for (const id of [...this.#covers.keys()]) this.#close(id)
  }

  #endOf({ carriesTraffic, endsAt }: Cover): number {
    return carriesTraffic ? Number.POSITIVE_INFINITY : endsAt
  }

  #close(id: number): void {
    this.#covers.delete(id)
    this.#options.close(id)
  }
}
