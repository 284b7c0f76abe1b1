/** Streams of UDP flows that are not there yet: only so many wait, and nobody for long who is not waited for. */
import { AivError, type TimerClock } from '../../../../core/index.ts'
import { ENDED_KEPT_MS } from '../constants.ts'
import type { OpenStream } from '../opening/open-stream.ts'
import { WaitingPlaces } from '../opening/waiting-places.ts'

/** Those of one SOCKS server. */
export class PendingFlows {
  readonly #open: OpenStream
  readonly #clock: TimerClock
  readonly #places = new WaitingPlaces('UDP flows')

  constructor(open: OpenStream, clock: TimerClock) {
    this.#open = open
    this.#clock = clock
  }

  /**
   * Opens streams whose signal says that nobody waits for them any more. They are not called off at once: the peer may
   * be about to answer, and one whose young streams are reset takes that for an attack.
   * @param over aborts when the server closes
   */
  until(over: AbortSignal): OpenStream {
    return async (service, params, { signal }) => {
      const controller = new AbortController()
      const leave = (): void => controller.abort(new AivError('E_ABORTED', 'the flow is over'))
      const waiting = this.#places.take(leave)
      let cancel: (() => void) | undefined
      const onEnded = (): void => {
        waiting.hasEnded = true
        cancel = this.#clock.schedule(ENDED_KEPT_MS, leave)
      }
      signal?.addEventListener('abort', onEnded, { once: true })
      over.addEventListener('abort', leave, { once: true })
      if (over.aborted) leave()
      try {
        return await this.#open(service, params, { signal: controller.signal })
      } finally {
        cancel?.()
        signal?.removeEventListener('abort', onEnded)
        over.removeEventListener('abort', leave)
        this.#places.giveBack(waiting)
      }
    }
  }
}
