/** Work over a session that survives the loss of its link: connect again, with growing pauses, and go on. */
import { type AivError, type ErrorCode, isAivError, uniformReal } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { CODE, type HtxSession } from '../../../htx/index.ts'
import { type ClientFlags, type CommandContext, openClient } from '../endpoint.ts'

/** First pause and largest, milliseconds; each is drawn from 0 to the current one, so that clients do not come in step. */
const PAUSE_MS = { first: 500, most: 60_000 } as const

/** Failures of the way to the peer; everything else would happen again. */
const TRANSIENT: readonly ErrorCode[] = [
  'E_LINK_LOST',
  'E_LINK',
  'E_UNREACHABLE',
  'E_TIMEOUT',
  'E_HANDSHAKE_TIMEOUT',
  'E_SESSION_CLOSED',
]

export interface RetryOptions {
  /** Attempts after one that got nowhere before giving up; progress starts the count anew. */
  readonly attempts: number
  readonly onRetry: (error: AivError, pauseMs: number) => void
}

/**
 * Runs `work` with a session, and again with a new one as long as only the way to the peer failed.
 * @param work may be called several times; `progressed` of its last call decides whether attempts count anew
 */
export async function withRetries<T>(
  address: string,
  flags: ClientFlags,
  context: CommandContext,
  options: RetryOptions,
  work: (session: HtxSession, progressed: () => void) => Promise<T>,
): Promise<T> {
  let left = options.attempts
  let pauseMs: number = PAUSE_MS.first
  let everConnected = false
  for (;;) {
    let session: HtxSession | undefined
    try {
      session = await openClient(address, flags, context)
      everConnected = true
      const result = await work(session, () => {
        left = options.attempts
        pauseMs = PAUSE_MS.first
      })
      await session.drain()
      return result
    } catch (error) {
      // A listener that was never reached is a wrong address more often than a bad moment.
      const again = everConnected && isTransient(error) && left > 0 && !context.signal.aborted
      if (session !== undefined) void session.close(CODE.GOING_AWAY)
      if (!again) throw error
      left--
      const drawn = Math.round(uniformReal(systemRandom, 0, pauseMs))
      pauseMs = Math.min(PAUSE_MS.most, pauseMs * 2)
      options.onRetry(error, drawn)
      await pause(drawn, context.signal)
    }
  }
}

export function isTransient(error: unknown): error is AivError {
  return isAivError(error) && TRANSIENT.includes(error.code)
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { setTimeout } = await import('node:timers/promises')
  await setTimeout(ms, undefined, { signal }).catch(() => signal.throwIfAborted())
}
