/** Joins a stream of a session to something local, each direction with its own end. */
import { Socket } from 'node:net'
import type { Duplex, Readable, Writable } from 'node:stream'
import { AivError } from '../../core/index.ts'
import { CODE } from '../codes.ts'
import { HtxStream } from '../endpoint/htx-stream.ts'
import { pump } from './pump.ts'

/** A stream of a session, or something that behaves as one and emits `stopped` when the peer reads no more. */
export type RawStream = Duplex & {
  abort?(code: number): void
  stopReading?(): void
}

export interface LocalEnd {
  readonly readable: Readable
  readonly writable: Writable
  /**
   * Called when the connection broke, before both sides are destroyed: to most local ends a closed stream looks like
   * one that ended well, and what they got so far like all there was.
   */
  readonly onBroken?: (error: Error) => void
}

/**
 * Moves bytes both ways until both directions have ended. When one side breaks, the other is told: the stream by
 * RESET and STOP, the local end by `onBroken` and `destroy`.
 * @returns undefined when both directions ended cleanly, else what broke
 */
export async function relay(stream: RawStream, local: LocalEnd): Promise<Error | undefined> {
  const { readable, writable, onBroken } = local
  const isOneStream = (readable as unknown) === (writable as unknown)
  return await new Promise<Error | undefined>((resolve) => {
    let outward = false
    let inward = false
    let over = false
    /** The peer reads no more, so what the local end still says is nobody's. */
    let unwanted = false
    let stopOutward = (): void => {}
    const settle = (error?: Error): void => {
      over = true
      resolve(error)
    }
    const outwardEnded = (): void => {
      outward = true
      if (inward) settle()
    }
    const inwardEnded = (): void => {
      inward = true
      if (outward) settle()
    }
    const broken = (error: Error): void => {
      if (over) return
      if (stream.abort === undefined) stream.destroy()
      else stream.abort(CODE.CANCELLED)
      onBroken?.(error)
      readable.destroy()
      writable.destroy()
      settle(error)
    }
    stream.on('error', broken)
    stream.on('close', () => {
      if (!stream.readableEnded || !stream.writableFinished) broken(closedEarly('stream'))
    })
    readable.on('error', broken)
    readable.on('close', () => {
      if (!readable.readableEnded && !unwanted) broken(closedEarly('local end'))
    })
    /** The local reader is gone; what it still has to say may go out. */
    const readerGone = (): void => {
      stream.stopReading?.()
      inwardEnded()
    }
    writable.on('error', (error) => {
      if (isBrokenPipe(error) && !isOneStream) readerGone()
      else broken(error)
    })
    stream.on('stopped', () => {
      unwanted = true
      stopOutward()
      // A pipe can tell its writer; of a connection both directions would end.
      if (isOneStream) readable.resume()
      else readable.destroy()
      stream.end()
    })
    stream.once('finish', outwardEnded)
    writable.once('finish', inwardEnded)
    // A local end that was closed from its other side says only this.
    writable.once('close', inwardEnded)
    // Any of them may have ended while the local end was being made; its events are over then.
    if (stream.destroyed || readable.destroyed || (isOneStream && writable.destroyed)) {
      broken(closedEarly(stream.destroyed ? 'stream' : 'local end'))
      return
    }
    // The system has copied what a socket took, and a session has sealed it: both own what they give here.
    const isOurs = stream instanceof HtxStream
    if (writable.destroyed) readerGone()
    else pump(stream, writable, isOurs && writable instanceof Socket)
    stopOutward = pump(readable, stream, isOurs && readable instanceof Socket)
  })
}

function closedEarly(what: string): AivError {
  return new AivError('E_STREAM_RESET', `the ${what} was closed before its end`)
}

function isBrokenPipe(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
}
