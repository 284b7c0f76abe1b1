/** Streams of UDP flows that are not there yet: only so many wait, and nobody for long who is not waited for. */
import { AivError, type TimerClock } from '../../../../core/index.ts'
import { ENDED_KEPT_MS, PENDING_MOST } from '../constants.ts'
import type { OpenStream } from '../opening/open-stream.ts'

interface Waiting {
  /** Its flow is over. */
  hasEnded: boolean
  readonly leave: () => void
}

/** Those of one SOCKS server. */
export class PendingFlows {
  readonly #open: OpenStream
  readonly #clock: TimerClock
  /** In the order they came. */
  readonly #waiting = new Set<Waiting>()

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
      this.#makeRoom()
      const controller = new AbortController()
      const leave = (): void => controller.abort(new AivError('E_ABORTED', 'the flow is over'))
      const waiting = { hasEnded: false, leave }
      this.#waiting.add(waiting)
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
        this.#waiting.delete(waiting)
      }
    }
  }

  /** Those whose flow is over make room first. @throws AivError `E_STREAM_LIMIT` when there are none */
  #makeRoom(): void {
    if (this.#waiting.size < PENDING_MOST) return
    for (const waiting of this.#waiting) {
      if (!waiting.hasEnded) continue
      this.#waiting.delete(waiting)
      waiting.leave()
      return
    }
    throw new AivError('E_STREAM_LIMIT', 'too many UDP flows wait for the peer')
  }
}
