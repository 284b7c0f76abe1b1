/**
 * A lock between processes for files that are read, judged and rewritten. The lock file stays, empty: removing it
 * while others wait for it would let two owners hold locks on two files of one name.
 */
import { accessSync, closeSync, constants, openSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AivError, ProcessLock } from '../../core/index.ts'
import { LOCK_RETRY_MS, LOCK_TIMEOUT_MS } from '../constants.ts'
import { fileError } from './atomic-file.ts'

/** Tail of the queue of this process per lock file, so that its own tasks do not poll against each other. */
const queues = new Map<string, Promise<unknown>>()

/**
 * Runs `work` while no other process, and no other task of this one, holds the lock of `path`.
 * @param timeoutMs longest wait for another process
 * @param signal ends the wait for another process, and nothing once `work` has begun
 * @throws AivError `E_TIMEOUT` when the wait is over, `E_ABORTED`, `E_PERMISSION`, `E_IO`, and what `work` throws
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  timeoutMs: number = LOCK_TIMEOUT_MS,
  signal?: AbortSignal,
): Promise<T> {
  const lockPath = join(dirname(path), `.${basename(path)}.lock`)
  const turn = (queues.get(lockPath) ?? Promise.resolve()).then(() =>
    lockedWork(lockPath, work, timeoutMs, signal),
  )
  const settled = turn.catch(() => undefined)
  queues.set(lockPath, settled)
  try {
    return await turn
  } finally {
    if (queues.get(lockPath) === settled) queues.delete(lockPath)
  }
}

async function lockedWork<T>(
  lockPath: string,
  work: () => Promise<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  const lock = await acquire(lockPath, timeoutMs, signal)
  try {
    return await work()
  } finally {
    lock.close()
  }
}

async function acquire(
  lockPath: string,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<ProcessLock> {
  const lock = openLock(lockPath)
  try {
    for (let waited = 0; !lock.tryAcquire(); waited += LOCK_RETRY_MS) {
      if (signal?.aborted === true) throw new AivError('E_ABORTED', `the wait for ${lockPath} was given up`)
      if (waited >= timeoutMs)
        throw new AivError('E_TIMEOUT', `another process holds ${lockPath}`, { hint: 'Try again.' })
      await pause(LOCK_RETRY_MS)
    }
    return lock
  } catch (error) {
    lock.close()
    throw fileError(error, 'write', lockPath)
  }
}

function openLock(lockPath: string): ProcessLock {
  try {
    closeSync(openSync(lockPath, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST'))
      throw fileError(error, 'write', lockPath)
  }
  try {
    // SQLite would say no more than "unable to open".
    accessSync(lockPath, constants.R_OK | constants.W_OK)
    return new ProcessLock(lockPath)
  } catch (error) {
    throw fileError(error, 'write', lockPath)
  }
}
