/** Work on a connection that is let go when the work fails or is given up. */
import type { BrowserConnection } from './connect-browser.ts'

/**
 * Nothing of the connection outlives a failure.
 * @throws the reason of `signal`, or what `work` throws
 */
export async function guarded<T>(
  { stream }: BrowserConnection,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const onAbort = (): void => void stream.destroy(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  // Until a link has it, whoever waits for bytes is told; nobody else has to be.
  stream.on('error', () => {})
  try {
    signal.throwIfAborted()
    return await work()
  } catch (error) {
    stream.destroy()
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
