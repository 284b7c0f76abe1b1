/** Streams that connections of this machine wait for: who leaves is not waited for, and only so many wait. */
import type { Socket } from 'node:net'
import { AivError, type CborMap, type TimerClock } from '../../../../core/index.ts'
import type { RawStream } from '../../relay.ts'
import { ENDED_KEPT_MS } from '../constants.ts'
import type { OpenStream } from './open-stream.ts'
import { type Waiting, WaitingPlaces } from './waiting-places.ts'

/** Those of one local listener. */
export class PendingOpens {
  readonly #open: OpenStream
  readonly #clock: TimerClock
  readonly #places = new WaitingPlaces('connections')

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
    const over = new AbortController()
    const left = Promise.withResolvers<never>()
    const leave = (): void => {
      const reason = new AivError('E_ABORTED', 'the connection has left')
      over.abort(reason)
      left.reject(reason)
    }
    const waiting = this.#places.take(leave)
    const forget = watchEnd(socket, this.#clock, waiting)
    signal.addEventListener('abort', leave, { once: true })
    if (signal.aborted) leave()
    const opening = this.#open(service, params, { signal: over.signal })
    try {
      return await Promise.race([opening, left.promise])
    } catch (error) {
      // It may have been there already when the connection left.
      if (over.signal.aborted) void opening.then((stream) => stream.destroy(), ignore)
      throw error
    } finally {
      this.#places.giveBack(waiting)
      forget()
      signal.removeEventListener('abort', leave)
    }
  }
}

/** Ends the wait when the connection broke, or some time after its end came. @returns stops that */
function watchEnd(socket: Socket, clock: TimerClock, waiting: Waiting): () => void {
  let cancel: (() => void) | undefined
  let buffered = 0
  const onReadable = (): void => {
    // Without anything new it is the end. Nothing is taken: what is here belongs to whoever carries it.
    if (socket.readableLength > buffered) {
      buffered = socket.readableLength
      return
    }
    waiting.hasEnded = true
    cancel ??= clock.schedule(ENDED_KEPT_MS, waiting.leave)
  }
  // A socket that is not read hears of nothing.
  socket.on('readable', onReadable)
  socket.once('close', waiting.leave)
  if (socket.destroyed) waiting.leave()
  return () => {
    cancel?.()
    socket.off('readable', onReadable)
    socket.off('close', waiting.leave)
  }
}

function ignore(): void {}
