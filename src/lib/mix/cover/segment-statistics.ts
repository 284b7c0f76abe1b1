/** Loops by the segments of their paths: which pair of neighbours loses them. */
import { toHex } from '../../core/index.ts'
import { binomialUpperTail } from '../analysis/statistics/index.ts'
import { TOLERATED_LOSS } from './constants.ts'

/** A directed link between two nodes, and how loops fared on paths with it. */
export interface SegmentCount {
  /** Hex ids. */
  readonly from: string
  readonly to: string
  readonly completed: number
  readonly lost: number
  /** Chance of so many losses when the share of losses is the tolerated one. */
  readonly p: number
}

interface Tally {
  readonly from: string
  readonly to: string
  completed: number
  lost: number
}

export class SegmentStatistics {
  readonly #tallies = new Map<string, Tally>()

  /** Counts a loop that began and ended at the first and last node of `path`. */
  add(path: readonly Uint8Array[], isLost: boolean): void {
    for (let i = 1; i < path.length; i++) {
      const [from, to] = [toHex(path[i - 1] as Uint8Array), toHex(path[i] as Uint8Array)]
      const key = `${from} ${to}`
      let tally = this.#tallies.get(key)
      if (tally === undefined) {
        tally = { from, to, completed: 0, lost: 0 }
        this.#tallies.set(key, tally)
      }
      if (isLost) tally.lost++
      else tally.completed++
    }
  }

  /** All segments, those with the least likely losses first. */
  counts(): SegmentCount[] {
    return [...this.#tallies.values()]
      .map(({ from, to, completed, lost }) => ({
        from,
        to,
        completed,
        lost,
        p: binomialUpperTail(lost, completed + lost, TOLERATED_LOSS),
      }))
      .toSorted((a, b) => a.p - b.p || (a.from + a.to < b.from + b.to ? -1 : 1))
  }

  /**
   * Segments that lose too many loops, at a chance of `falseAlarms` that an honest network shows any (Bonferroni).
   */
  suspects(falseAlarms: number): SegmentCount[] {
    const counts = this.counts()
    return counts.filter(({ p }) => p < falseAlarms / counts.length)
  }

  /** Begins a new period. */
  clear(): void {
    this.#tallies.clear()
  }
}
