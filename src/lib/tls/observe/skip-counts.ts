/** What was passed over, by reason: one entry a reason, however often. */

export interface Skipped<Reason extends string = string> {
  readonly reason: Reason
  readonly count: number
  /** Number of the first packet with this reason, from 1 as in other capture tools. */
  readonly firstPacket: number
}

export class SkipCounts<Reason extends string = string> {
  readonly #byReason = new Map<Reason, { count: number; readonly firstPacket: number }>()

  add(reason: Reason, packet: number): void {
    const known = this.#byReason.get(reason)
    if (known === undefined) this.#byReason.set(reason, { count: 1, firstPacket: packet })
    else known.count++
  }

  /** In order of the first packet. */
  list(): Skipped<Reason>[] {
    return [...this.#byReason].map(([reason, { count, firstPacket }]) => ({ reason, count, firstPacket }))
  }
}
