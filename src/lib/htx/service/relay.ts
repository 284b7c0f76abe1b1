/** Joins a stream of a session to something local, each direction with its own end. */
import type { Readable, Writable } from 'node:stream'
import { CODE } from '../codes.ts'
import type { HtxStream } from '../endpoint/htx-stream.ts'

export interface LocalEnd {
  readonly readable: Readable
  readonly writable: Writable
}

/**
 * Moves bytes both ways until both directions have ended. When one side breaks, the other is told: the stream by
 * RESET and STOP, the local end by `destroy`.
 * @returns undefined when both directions ended cleanly, else what broke
 */
export async function relay(stream: HtxStream, local: LocalEnd): Promise<Error | undefined> {
  const { readable, writable } = local
  return await new Promise<Error | undefined>((resolve) => {
    let outward = false
    let inward = false
    const outwardEnded = (): void => {
      outward = true
      if (inward) resolve(undefined)
    }
    const inwardEnded = (): void => {
      inward = true
      if (outward) resolve(undefined)
    }
    const broken = (error: Error): void => {
      stream.abort(CODE.CANCELLED)
      readable.destroy()
      writable.destroy()
      resolve(error)
    }
    stream.on('error', broken)
    readable.on('error', broken)
    writable.on('error', (error) => {
      // The local reader is gone; what it still has to say may go out.
      if (isBrokenPipe(error) && !sameStream(readable, writable)) {
        stream.stopReading()
        inwardEnded()
      } else broken(error)
    })
    stream.on('stopped', () => {
      readable.unpipe(stream)
      readable.resume()
      stream.end()
    })
    stream.once('finish', outwardEnded)
    writable.once('finish', inwardEnded)
    // A local end that was closed from its other side says only this.
    writable.once('close', inwardEnded)
    stream.pipe(writable)
    readable.pipe(stream)
  })
}

function isBrokenPipe(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
}

function sameStream(readable: Readable, writable: Writable): boolean {
  return (readable as unknown) === (writable as unknown)
}
