/** What was passed over, by reason. */

export interface Skipped {
  readonly reason: string
  readonly count: number
  /** The first packet with this reason, from 1. */
  readonly firstPacket: number
}

export class SkipTally {
  readonly #byReason = new Map<string, { count: number; readonly firstPacket: number }>()

  add(reason: string, packet: number): void {
    const known = this.#byReason.get(reason)
    if (known === undefined) this.#byReason.set(reason, { count: 1, firstPacket: packet })
    else known.count++
  }

  list(): readonly Skipped[] {
    return [...this.#byReason].map(([reason, { count, firstPacket }]) => ({ reason, count, firstPacket }))
  }
}
