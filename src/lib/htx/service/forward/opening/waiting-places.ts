/** Places for streams that wait for the peer: only so many, and who is not waited for any more makes room first. */
import { AivError } from '../../../../core/index.ts'
import { PENDING_MOST } from '../constants.ts'

export interface Waiting {
  /** Its end has come: it may want an answer, or may be gone. */
  hasEnded: boolean
  readonly leave: () => void
}

export class WaitingPlaces {
  readonly #what: string
  /** In the order they came. */
  readonly #waiting = new Set<Waiting>()

  /** @param what waits, in the plural, for the error */
  constructor(what: string) {
    this.#what = what
  }

  /** @throws AivError `E_STREAM_LIMIT` when there is no room and none has ended */
  take(leave: () => void): Waiting {
    this.#makeRoom()
    const waiting = { hasEnded: false, leave }
    this.#waiting.add(waiting)
    return waiting
  }

  giveBack(waiting: Waiting): void {
    this.#waiting.delete(waiting)
  }

  #makeRoom(): void {
    if (this.#waiting.size < PENDING_MOST) return
    for (const waiting of this.#waiting) {
      if (!waiting.hasEnded) continue
      this.#waiting.delete(waiting)
      waiting.leave()
      return
    }
    throw new AivError('E_STREAM_LIMIT', `too many ${this.#what} wait for the peer`)
  }
}
