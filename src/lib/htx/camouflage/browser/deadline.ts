/** One attempt with a time limit and the signal of its caller as a single signal. */
import { AivError, type TimerClock } from '../../../core/index.ts'

export interface Limits {
  readonly clock: TimerClock
  readonly signal?: AbortSignal
  /** Milliseconds for everything together; default 10,000. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 10_000

/**
 * Runs `work` with a signal that fires with the reason to reject with. The caller is answered as soon as it fires;
 * `work` releases what it holds, and what comes too late is given to `discard`.
 * @param doing starts the message, such as `connecting to host:443`
 * @throws AivError `E_TIMEOUT`, `E_ABORTED`, or what `work` throws
 */
export async function withinLimits<T>(
  doing: string,
  { clock, signal: outer, timeoutMs = TIMEOUT_MS }: Limits,
  work: (signal: AbortSignal) => Promise<T>,
  discard: (late: T) => void,
): Promise<T> {
  const controller = new AbortController()
  const { signal } = controller
  const onOuter = (): void => controller.abort(new AivError('E_ABORTED', `${doing} was aborted`))
  if (outer?.aborted === true) onOuter()
  signal.throwIfAborted()
  outer?.addEventListener('abort', onOuter, { once: true })
  const cancel = clock.schedule(timeoutMs, () =>
    controller.abort(new AivError('E_TIMEOUT', `${doing} took longer than ${timeoutMs} ms`)),
  )
  const over = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => over.reject(signal.reason), { once: true })
  const result = work(signal)
  result.then(
    (late) => {
      if (signal.aborted) discard(late)
    },
    // Whoever waits for the race is told.
    () => {},
  )
  try {
    return await Promise.race([over.promise, result])
  } finally {
    cancel()
    outer?.removeEventListener('abort', onOuter)
  }
}
