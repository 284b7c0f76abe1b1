/** Counts observations in buckets whose borders are fixed from the start. */
import type { Sample } from './exposition.ts'

export class Histogram {
  readonly #borders: readonly number[]
  readonly #counts: number[]
  #sum = 0

  /** @param borders upper borders, inclusive, rising; what is above the last one counts as infinite */
  constructor(borders: readonly number[]) {
    this.#borders = borders
    this.#counts = new Array<number>(borders.length + 1).fill(0)
  }

  observe(value: number): void {
    const at = this.#borders.findIndex((border) => value <= border)
    const bucket = at < 0 ? this.#borders.length : at
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += value
  }

  samples(): readonly Sample[] {
    const samples: Sample[] = []
    let total = 0
    this.#counts.forEach((count, i) => {
      total += count
      const le = i < this.#borders.length ? String(this.#borders[i]) : '+Inf'
      samples.push({ suffix: '_bucket', labels: { le }, value: total })
    })
    samples.push({ suffix: '_sum', value: this.#sum }, { suffix: '_count', value: total })
    return samples
  }
}
