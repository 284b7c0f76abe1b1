/** One direction of a relay: as `pipe`, and memory goes back as soon as the writer has taken it. */
import type { Readable, Writable } from 'node:stream'
import { releaseBuffers } from '../../core/index.ts'

/**
 * Moves bytes until the reader ends, which ends the writer.
 * @param frees the reader gives its buffers away for good, and the writer has done with them when it calls back
 *   without an error: after an error it may still read them
 * @returns stops, and leaves both as they are
 */
export function pump(from: Readable, to: Writable, frees: boolean): () => void {
  const onDrain = (): void => {
    from.resume()
  }
  const onData = (chunk: Uint8Array): void => {
    const onTaken = (error?: Error | null): void => {
      if (error === null || error === undefined) releaseBuffers([chunk])
    }
    if (!(frees ? to.write(chunk, onTaken) : to.write(chunk))) from.pause()
  }
  const onEnd = (): void => {
    to.end()
  }
  from.on('data', onData).on('end', onEnd)
  to.on('drain', onDrain)
  if (to.writableNeedDrain) from.pause()
  else from.resume()
  // Its end may have been emitted to others before: it comes only once, and does not close a socket that is half open.
  if (from.readableEnded) onEnd()
  return () => {
    from.off('data', onData).off('end', onEnd)
    to.off('drain', onDrain)
    from.pause()
  }
}
