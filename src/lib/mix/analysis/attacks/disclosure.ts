/**
 * Finding the contacts of one person by watching for long (test T11): statistical disclosure of Danezis ("Statistical
 * Disclosure Attacks", SEC 2003), for pool mixes as of Mathewson and Dingledine ("Practical Traffic Analysis", PET 2004).
 * Receivers who get more while the person seems to send than they get otherwise are the contacts.
 */

/** Receivers of one round, and whether the adversary saw the person send in it. */
export interface Round {
  readonly active: boolean
  /** Indices of receivers; one who got two packets stands twice. */
  readonly receivers: readonly number[]
}

export class DisclosureAttack {
  readonly #active: Float64Array
  readonly #idle: Float64Array
  #activeRounds = 0
  #idleRounds = 0

  constructor(receivers: number) {
    this.#active = new Float64Array(receivers)
    this.#idle = new Float64Array(receivers)
  }

  observe({ active, receivers }: Round): void {
    const counts = active ? this.#active : this.#idle
    if (active) this.#activeRounds++
    else this.#idleRounds++
    for (const receiver of receivers) counts[receiver] = (counts[receiver] as number) + 1
  }

  /**
   * The `contacts` receivers that are most suspect.
   * Where the person is never idle, all receivers are taken to be equally popular.
   */
  suspects(contacts: number): number[] {
    const score = (receiver: number): number => {
      const usual = this.#idleRounds === 0 ? 0 : (this.#idle[receiver] as number) / this.#idleRounds
      const now = this.#activeRounds === 0 ? 0 : (this.#active[receiver] as number) / this.#activeRounds
      return now - usual
    }
    return Array.from(this.#active.keys(), (receiver) => ({ receiver, score: score(receiver) }))
      .toSorted((a, b) => b.score - a.score || a.receiver - b.receiver)
      .slice(0, contacts)
      .map(({ receiver }) => receiver)
  }
}
