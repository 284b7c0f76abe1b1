/** What the forwarding services of a listener share. */
import { AivError, type TimerClock } from '../../../core/index.ts'
import type { HtxStream } from '../../endpoint/htx-stream.ts'
import type { AccessList } from './access/access-list.ts'
import { REACH_MS } from './constants.ts'
import type { Resolve } from './names/system-resolve.ts'

export interface ForwardOptions {
  readonly access: AccessList
  readonly clock: TimerClock
  /** Default: the system's. */
  readonly resolve?: Resolve
}

/** A signal that aborts when the stream closes or the time for reaching a target is over, until it is released. */
export function whileWanted(
  stream: HtxStream,
  clock: TimerClock,
): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const onClose = (): void => controller.abort(new AivError('E_ABORTED', 'the peer waits no more'))
  if (stream.destroyed) onClose()
  stream.once('close', onClose)
  const cancel = clock.schedule(REACH_MS, () =>
    controller.abort(Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' })),
  )
  return {
    signal: controller.signal,
    release: () => {
      cancel()
      stream.off('close', onClose)
    },
  }
}
