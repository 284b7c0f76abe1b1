/** Keeps a port open at the peer for as long as the session lives: what is refused now may be free in a moment. */
import type { RandomSource, TimerClock } from '../../../../core/index.ts'
import { BackOff } from '../../../reconnect/back-off.ts'
import { PROVEN_MS } from '../../../reconnect/constants.ts'
import { REASON } from '../reasons.ts'
import type { Target } from '../target.ts'
import type { RemoteForward, RemoteForwards } from './remote-forward.ts'

export interface KeepRemoteOptions {
  /** As it was asked for: port 0 is whatever the peer picks. */
  readonly asked: Target
  /** The port that the peer picked before. */
  readonly port?: number
  /** Where connections lead, seen from here. */
  readonly target: Target
  /** Open already. */
  readonly first?: RemoteForward
  readonly clock: TimerClock
  readonly random: RandomSource
  /** Aborts with the session. */
  readonly signal: AbortSignal
  readonly onOpened: (forward: RemoteForward) => void
  readonly onClosed: (forward: RemoteForward, how: 'closed' | 'taken-over') => void
  /** The first refusal of several in a row. */
  readonly onRefused: (error: Error) => void
}

/** Resolves when the signal aborts, or a later session of ours has the port. Never rejects. */
export async function keepRemoteForward(remotes: RemoteForwards, options: KeepRemoteOptions): Promise<void> {
  const { asked, target, clock, random, signal, onOpened, onClosed, onRefused } = options
  const backOff = new BackOff(random)
  let bind = { ...asked, port: options.port ?? asked.port }
  let forward = options.first
  let isRefusalKnown = false
  while (!signal.aborted) {
    try {
      if (forward === undefined) {
        forward = await remotes.add(bind, target)
        isRefusalKnown = false
        onOpened(forward)
      }
      bind = { ...asked, port: forward.port }
      const openedAt = clock.now()
      const how = await forward.closed
      if (signal.aborted) return
      onClosed(forward, how)
      if (how === 'taken-over') return
      forward = undefined
      if (clock.now() - openedAt >= PROVEN_MS) backOff.reset()
    } catch (error) {
      if (signal.aborted) return
      const { message } = error as Error
      if (!isRefusalKnown) onRefused(error as Error)
      isRefusalKnown = true
      // An entry for port 0 permits whatever is picked, and no number.
      if (message.endsWith(`: ${REASON.denied}`)) bind = asked
    }
    await pause(backOff.draw(), clock, signal)
  }
}

async function pause(ms: number, clock: TimerClock, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const cancel = clock.schedule(ms, resolve)
  const onAbort = (): void => resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  await promise
  cancel()
  signal.removeEventListener('abort', onAbort)
}
