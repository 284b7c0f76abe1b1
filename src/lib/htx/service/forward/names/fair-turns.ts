/** A bounded number of places that are given out in turn to those who wait, however much each of them asks for. */
import { AivError } from '../../../../core/index.ts'
import { refusal } from '../../accept-service.ts'

export interface FairTurnsLimits {
  /** Places in all. */
  readonly atOnce: number
  /** Places that one peer may have. */
  readonly perPeer: number
  /** Requests of one peer that may wait. */
  readonly waitingPerPeer: number
}

interface Line {
  working: number
  readonly waiting: Set<() => void>
}

export class FairTurns {
  readonly #limits: FairTurnsLimits
  #working = 0
  /** Who had a turn last stands last. */
  readonly #lines = new Map<string, Line>()

  constructor(limits: FairTurnsLimits) {
    this.#limits = limits
  }

  /**
   * Waits for a place and works. The place is free again when `work` settles.
   * @throws AivError `E_SERVICE_REFUSED` when too much of this peer waits already; `E_ABORTED` when the signal comes
   *   before the turn; what `work` throws
   */
  async run<T>(peer: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(peer, signal)
    try {
      return await work()
    } finally {
      this.#working--
      const line = this.#lines.get(peer) as Line
      line.working--
      if (line.working === 0 && line.waiting.size === 0) this.#lines.delete(peer)
      this.#advance()
    }
  }

  async #turn(peer: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw gone()
    const line = this.#lines.get(peer) ?? { working: 0, waiting: new Set() }
    if (line.waiting.size >= this.#limits.waitingPerPeer) throw refusal('too many requests of this peer wait')
    this.#lines.set(peer, line)
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        line.waiting.delete(start)
        if (line.working === 0 && line.waiting.size === 0) this.#lines.delete(peer)
        reject(gone())
      }
      line.waiting.add(start)
      signal.addEventListener('abort', giveUp, { once: true })
      this.#advance()
    })
  }

  #advance(): void {
    while (this.#working < this.#limits.atOnce) {
      const peer = this.#next()
      if (peer === undefined) return
      const line = this.#lines.get(peer) as Line
      this.#lines.delete(peer)
      this.#lines.set(peer, line)
      const [start] = line.waiting as Set<() => void>
      line.waiting.delete(start as () => void)
      line.working++
      this.#working++
      start?.()
    }
  }

  #next(): string | undefined {
    for (const [peer, { working, waiting }] of this.#lines)
      if (waiting.size > 0 && working < this.#limits.perPeer) return peer
    return undefined
  }
}

function gone(): AivError {
  return new AivError('E_ABORTED', 'nobody waits for the answer any more')
}
