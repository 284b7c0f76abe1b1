/** stdout and stderr of the process as a whole: a reader that went away, and the last bytes before the exit. */

import { processInterrupt } from './interrupt.ts'

/** Milliseconds a command has to stop after its reader went away. */
const BROKEN_PIPE_GRACE_MS = 1000

/** Makes a closed reader (`aiv … | head`) a quiet end with exit code 0. */
export function watchBrokenPipe(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    processInterrupt.onBrokenPipe()
    setTimeout(() => process.exit(0), BROKEN_PIPE_GRACE_MS).unref()
  })
  // Nobody is left to tell.
  process.stderr.on('error', () => {})
}

/** Resolves when the system has taken everything printed so far, or the reader is gone. */
export async function flushOutput(): Promise<void> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve()
    else stream.write('', () => resolve())
  })
}
