/** Streams that connections of this machine wait for: who leaves is not waited for, and only so many wait. */
import type { Socket } from 'node:net'
import { AivError, type CborMap, type TimerClock } from '../../../../core/index.ts'
import type { RawStream } from '../../relay.ts'
import { ENDED_KEPT_MS, PENDING_MOST } from '../constants.ts'
import type { OpenStream } from './open-stream.ts'

/** Those of one local listener. */
export class PendingOpens {
  readonly #open: OpenStream
  readonly #clock: TimerClock
  #count = 0

  constructor(open: OpenStream, clock: TimerClock) {
    this.#open = open
    this.#clock = clock
  }

  /**
   * Opens a stream for a connection that nobody reads yet.
   * @param signal aborts when the listener closes
   * @throws AivError `E_STREAM_LIMIT` when too many wait, `E_ABORTED` when the connection has left; what opening throws
   */
  async open(socket: Socket, service: string, params: CborMap, signal: AbortSignal): Promise<RawStream> {
    if (this.#count >= PENDING_MOST)
      throw new AivError('E_STREAM_LIMIT', 'too many connections wait for the peer')
    this.#count++
    const over = new AbortController()
    const onLeft = (): void => over.abort(new AivError('E_ABORTED', 'the connection has left'))
    const onClosed = (): void => over.abort(signal.reason)
    const forget = whenLeft(socket, this.#clock, onLeft)
    signal.addEventListener('abort', onClosed, { once: true })
    try {
      if (signal.aborted) onClosed()
      return await this.#open(service, params, { signal: over.signal })
    } finally {
      this.#count--
      forget()
      signal.removeEventListener('abort', onClosed)
    }
  }
}

/** Calls `left` when the connection broke, or some time after its end came. @returns stops that */
function whenLeft(socket: Socket, clock: TimerClock, left: () => void): () => void {
  let cancel: (() => void) | undefined
  let buffered = 0
  const onReadable = (): void => {
    // Without anything new it is the end. Nothing is taken: what is here belongs to whoever carries it.
    if (socket.readableLength > buffered) buffered = socket.readableLength
    else cancel ??= clock.schedule(ENDED_KEPT_MS, left)
  }
  // A socket that is not read hears of nothing.
  socket.on('readable', onReadable)
  socket.once('close', left)
  if (socket.destroyed) left()
  return () => {
    cancel?.()
    socket.off('readable', onReadable)
    socket.off('close', left)
  }
}
