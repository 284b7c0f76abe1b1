/** A counter for each of a few labels. Those that are named from the start show 0 before they first count. */
import type { Sample } from './exposition.ts'

export class LabelledCounter<L extends string> {
  readonly #label: string
  readonly #counts = new Map<L, number>()

  constructor(label: string, known: readonly L[] = []) {
    this.#label = label
    for (const value of known) this.#counts.set(value, 0)
  }

  add(value: L, by = 1): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + by)
  }

  samples(): readonly Sample[] {
    return [...this.#counts].map(([text, value]) => ({ labels: { [this.#label]: text }, value }))
  }
}
