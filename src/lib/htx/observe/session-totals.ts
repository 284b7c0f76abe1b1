/** What the sessions of a process have moved together: those that live are read when somebody asks, never before. */
import type { HtxSession } from '../endpoint/htx-session.ts'
import type { FrameKind, SessionStatistics } from '../session/index.ts'
import type { Sample } from './exposition.ts'

type Direction = 'sent' | 'received'

export class SessionTotals {
  readonly #live = new Set<HtxSession>()
  readonly #ended = new Totals()

  /** Counts a session; what it has moved stays counted when it is over. */
  add(session: HtxSession): void {
    this.#live.add(session)
    void session.closed.then(() => {
      this.#live.delete(session)
      this.#ended.add(session.statistics)
    })
  }

  get live(): ReadonlySet<HtxSession> {
    return this.#live
  }

  /** The sum of all that ended and all that live. */
  sum(): Totals {
    const sum = new Totals()
    sum.join(this.#ended)
    for (const { statistics } of this.#live) sum.add(statistics)
    return sum
  }
}

class Totals {
  readonly #bytes = { sent: 0, received: 0 }
  readonly #rekeys = { sent: 0, received: 0 }
  readonly #frames = { sent: new Map<FrameKind, number>(), received: new Map<FrameKind, number>() }

  add(statistics: SessionStatistics): void {
    this.#bytes.sent += statistics.bytesSent
    this.#bytes.received += statistics.bytesReceived
    this.#rekeys.sent += statistics.rekeysSent
    this.#rekeys.received += statistics.rekeysReceived
    this.#addFrames('sent', Object.entries(statistics.framesSentByKind) as [FrameKind, number][])
    this.#addFrames('received', Object.entries(statistics.framesReceivedByKind) as [FrameKind, number][])
  }

  join(other: Totals): void {
    for (const dir of DIRECTIONS) {
      this.#bytes[dir] += other.#bytes[dir]
      this.#rekeys[dir] += other.#rekeys[dir]
      this.#addFrames(dir, other.#frames[dir])
    }
  }

  get bytes(): Readonly<Record<Direction, number>> {
    return this.#bytes
  }

  get rekeys(): Readonly<Record<Direction, number>> {
    return this.#rekeys
  }

  frameSamples(): readonly Sample[] {
    return DIRECTIONS.flatMap((dir) =>
      [...this.#frames[dir]].map(([kind, value]) => ({
        labels: { dir, type: kind.replaceAll('-', '_') },
        value,
      })),
    )
  }

  #addFrames(dir: Direction, counts: Iterable<readonly [FrameKind, number]>): void {
    const frames = this.#frames[dir]
    for (const [kind, count] of counts) frames.set(kind, (frames.get(kind) ?? 0) + count)
  }
}

const DIRECTIONS = ['sent', 'received'] as const

/** One sample for each direction. */
export function directionSamples(values: Readonly<Record<Direction, number>>): readonly Sample[] {
  return DIRECTIONS.map((dir) => ({ labels: { dir }, value: values[dir] }))
}
