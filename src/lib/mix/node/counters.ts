/** Counts of what a node did with every packet. No packet is known from them, only sums. */
import { DROP_REASONS, type DropReason } from '../drop-reason.ts'

export interface NodeCounts {
  /** Packets that came in, whatever became of them. */
  readonly received: number
  /** Given to the link of the next node. */
  readonly forwarded: number
  /** Given to a mailbox, replies included. */
  readonly delivered: number
  /** By reason, those that happened. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>
  /** In the node now: waiting for a worker, being delayed. */
  readonly queued: number
}

export class NodeCounters {
  received = 0
  forwarded = 0
  delivered = 0
  readonly #dropped = new Float64Array(DROP_REASONS.length)

  /** @param reason place among the drop reasons */
  drop(reason: number): void {
    this.#dropped[reason] = (this.#dropped[reason] as number) + 1
  }

  snapshot(queued: number): NodeCounts {
    const dropped: Partial<Record<DropReason, number>> = {}
    for (const [index, reason] of DROP_REASONS.entries()) {
      const count = this.#dropped[index] as number
      if (count > 0) dropped[reason] = count
    }
    const { received, forwarded, delivered } = this
    return { received, forwarded, delivered, dropped, queued }
  }
}

/** Packets that came in and are not accounted for: 0 unless the node has a defect. */
export function unaccounted({ received, forwarded, delivered, dropped, queued }: NodeCounts): number {
  const drops = Object.values(dropped).reduce((sum, count) => sum + count, 0)
  return received - forwarded - delivered - drops - queued
}
