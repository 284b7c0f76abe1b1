/** One bounded dial attempt: the caller's signal and a deadline as a single signal. */
import { AivError, systemClock } from '../core/index.ts'
import { DIAL_TIMEOUT_MS } from './constants.ts'
import type { DialOptions } from './link.ts'

/**
 * Runs `work` with a signal that fires with the reason to reject with: `E_ABORTED` or `E_TIMEOUT`. The caller is
 * answered as soon as it fires; `work` releases what it holds, and what comes too late is aborted.
 * @param doing starts the message, such as `dialling host:1`
 */
export async function attempt<T extends { abort(): void }>(
  doing: string,
  options: DialOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal: outer, timeoutMs = DIAL_TIMEOUT_MS } = options
  const controller = new AbortController()
  const { signal } = controller
  const forgetOuter = whenAborted(outer, () =>
    controller.abort(new AivError('E_ABORTED', `${doing} was aborted`)),
  )
  if (signal.aborted) throw signal.reason
  const cancelTimer = systemClock.schedule(timeoutMs, () =>
    controller.abort(new AivError('E_TIMEOUT', `${doing} took longer than ${timeoutMs} ms`)),
  )
  try {
    return await new Promise<T>((resolve, reject) => {
      whenAborted(signal, () => reject(signal.reason))
      work(signal).then((link) => {
        if (signal.aborted) link.abort()
        else resolve(link)
      }, reject)
    })
  } finally {
    cancelTimer()
    forgetOuter()
  }
}

/** Calls `onAbort` once when `signal` fires, at once if it has; the returned function unsubscribes. */
export function whenAborted(signal: AbortSignal | undefined, onAbort: () => void): () => void {
  if (signal === undefined) return () => {}
  if (signal.aborted) {
    onAbort()
    return () => {}
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return () => signal.removeEventListener('abort', onAbort)
}
