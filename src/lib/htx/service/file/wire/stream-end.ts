/** How the two sides of a transfer write to a stream and take leave of it. */
import { AivError, isAivError, type TimerClock } from '../../../../core/index.ts'
import { CODE } from '../../../codes.ts'
import type { HtxStream } from '../../../endpoint/htx-stream.ts'
import { encodeStatus, STATUS_OK, STATUS_REFUSED } from '../../header.ts'
import { FAREWELL_MS } from '../constants.ts'

/**
 * Writes bytes; they may be changed again when the promise settles.
 * @throws AivError why the stream ended
 */
export function writeTo(stream: HtxStream, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error === null || error === undefined) resolve()
      else reject(streamError(stream, error))
    })
  })
}

/** Why a stream ended: what it was destroyed with rather than what Node says to those who use it afterwards. */
function streamError(stream: HtxStream, error: Error): Error {
  if (isAivError(stream.errored)) return stream.errored
  return isAivError(error) ? error : new AivError('E_STREAM_RESET', 'the stream was closed', { cause: error })
}

/** Reads no more; what a reader of this stream still holds is dropped. Our own direction ends as its owner says. */
export function stopReading(stream: HtxStream): void {
  // A stream with such a listener does not flow to its end.
  stream.removeAllListeners('readable')
  // The peer may stop reading, too, before our last bytes are sealed: nobody misses them.
  stream.on('stopped', () => {})
  stream.stopReading()
}

/** Says how the transfer ended, and nothing after it. */
export function endWithStatus(stream: HtxStream, refused?: string): void {
  const status = refused === undefined ? STATUS_OK : STATUS_REFUSED
  stopReading(stream)
  stream.end(encodeStatus({ status, message: refused ?? '' }))
}

/** Waits until a stream that has been ended is gone; a peer that does not let go of it is left. */
export async function untilClosed(stream: HtxStream, clock: TimerClock): Promise<void> {
  if (stream.closed) return
  await new Promise<void>((resolve) => {
    const cancel = clock.schedule(FAREWELL_MS, () => stream.abort(CODE.CANCELLED))
    stream.once('close', () => {
      cancel()
      resolve()
    })
  })
}

/** Aborted when the stream is gone: nobody waits for the answer any more. */
export function whileOpen(stream: HtxStream): AbortSignal {
  const controller = new AbortController()
  if (stream.destroyed) controller.abort()
  else stream.once('close', () => controller.abort())
  return controller.signal
}

/**
 * Runs a transfer that a signal may give up: the stream is destroyed with `E_ABORTED`, which whatever reads or writes
 * it then meets.
 */
export async function abortable<T>(
  stream: HtxStream,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const onAbort = (): void => {
    stream.destroy(new AivError('E_ABORTED', 'the transfer was given up'))
  }
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal?.aborted === true) onAbort()
    return await work()
  } finally {
    signal?.removeEventListener('abort', onAbort)
  }
}
