/**
 * stdout and stderr of the process as a whole: a disk that fills up, a reader that went away, and the last bytes before
 * the exit.
 */

import { fstatSync, writeSync } from 'node:fs'
import { processInterrupt } from './interrupt.ts'

/** Milliseconds a command has to stop after its reader went away. */
const BROKEN_PIPE_GRACE_MS = 1000

let isBroken = false

/** Something printed to stdout was not written. */
export function isStdoutBroken(): boolean {
  return isBroken
}

/** Makes a closed reader (`aiv … | head`) a quiet end with exit code 0. */
export function watchBrokenPipe(): void {
  process.stdout.on('error', (error) => {
    isBroken = true
    if (!isBrokenPipe(error)) throw error
    processInterrupt.onBrokenPipe()
    setTimeout(() => process.exit(0), BROKEN_PIPE_GRACE_MS).unref()
  })
  // Nobody is left to tell.
  process.stderr.on('error', () => {})
}

/** Keeps Node's remark that its SQLite is new off stderr, which carries events: this program is tested with it. */
export function silenceSqliteRemark(): void {
  const emit = process.emitWarning.bind(process)
  process.emitWarning = ((warning: string | Error, ...rest: []): void => {
    if (!String(warning).includes('SQLite is an experimental feature')) emit(warning, ...rest)
  }) as typeof process.emitWarning
}

/**
 * Makes a write to a file succeed only when all of it was written. Node's own stream for files takes a short write,
 * the last one before a full disk or a quota, for a whole one: bytes would be lost without a word.
 */
export function writeFilesWholly(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const { fd } = stream
    if (!isFile(fd)) continue
    stream._write = (chunk: Uint8Array, _encoding, callback) => {
      try {
        for (let at = 0; at < chunk.length; ) at += writeSync(fd, chunk, at)
      } catch (error) {
        callback(error as Error)
        return
      }
      callback()
    }
  }
}

function isFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile()
  } catch {
    // Closed by whoever started us.
    return false
  }
}

/**
 * Resolves when the system has taken everything printed so far, or the reader is gone.
 * @throws what kept stdout from being written, such as a full disk
 */
export async function flushOutput(): Promise<void> {
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
  const { errored } = process.stdout
  if (errored !== null && !isBrokenPipe(errored)) throw errored
}

function isBrokenPipe(error: Error): boolean {
  return 'code' in error && error.code === 'EPIPE'
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve()
    else stream.write('', () => resolve())
  })
}
