/** A bounded number at work, the others waiting in order. */
import { AivError } from '../../core/index.ts'

export class Turns {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor(atOnce: number) {
    this.#free = atOnce
  }

  /**
   * Waits for a turn and works.
   * @throws AivError `E_ABORTED` when the signal comes first; what `work` throws
   */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.#turn(signal)
    try {
      return await work()
    } finally {
      const [next] = this.#waiting
      if (next === undefined) this.#free++
      else next()
    }
  }

  /** The turn of one that is done passes on to the first that waits. */
  async #turn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw gone()
    if (this.#free > 0) {
      this.#free--
      return
    }
    await new Promise<void>((resolve, reject) => {
      const start = (): void => {
        this.#waiting.delete(start)
        signal.removeEventListener('abort', giveUp)
        resolve()
      }
      const giveUp = (): void => {
        this.#waiting.delete(start)
        reject(gone())
      }
      this.#waiting.add(start)
      signal.addEventListener('abort', giveUp, { once: true })
    })
  }
}

function gone(): AivError {
  return new AivError('E_ABORTED', 'nobody waits for the answer any more')
}
