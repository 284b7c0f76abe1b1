/**
 * Keeps every other process away from an unfinished file. Without it a second listener on the same folder opens the
 * same file, and a peer goes on writing through it into what the first one has verified and published.
 *
 * The lock is an empty file that goes with its owner. Only the owner removes it, and whoever gets the lock makes sure
 * that it still is the file of that name: otherwise two would hold locks on two files of one name.
 */
import { closeSync, constants, fstatSync, lstatSync, openSync, realpathSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { AivError, ProcessLock, utf8 } from '../../../../core/index.ts'
import { LOCK_FOLDER_BYTES_MOST, LOCK_TRIES } from '../constants.ts'
import type { Directory } from './directory.ts'
import { ioError } from './io-error.ts'
import { partLockName } from './names.ts'

const OPEN = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** What SQLite would take for the rest of an interrupted write, and obey. */
const JOURNALS = ['-journal', '-wal']

/** Locks that this process holds, by file: opening and closing such a file once would give its lock up. */
const held = new Set<string>()

interface OpenLock {
  readonly lock: ProcessLock
  readonly path: string
  /** Open for as long as the lock is, so that the number of the file stands for no other one. */
  readonly descriptor: number
  readonly file: string
}

export class PartLock {
  readonly #open: OpenLock
  #isHeld = true

  private constructor(open: OpenLock) {
    this.#open = open
    held.add(open.file)
  }

  /**
   * Takes the lock of an unfinished file; never waits. Synchronous, so that no other transfer of this process comes
   * in between.
   * @param directories that lead to the file, the outermost first; at least one
   * @param names of all of them but the first
   * @returns undefined when another transfer has the file
   * @throws AivError `E_UNSUPPORTED` when the path of the outermost directory is too long; `E_IO`, `E_PERMISSION`,
   * `E_FILE_PATH`
   */
  static tryAcquire(
    directories: readonly Directory[],
    names: readonly string[],
    part: string,
  ): PartLock | undefined {
    try {
      const path = lockPath(directories, names, part)
      for (let tries = 0; tries < LOCK_TRIES; tries++) {
        const open = openUnlessHeld(path)
        if (open === undefined) return undefined
        const outcome = lockedOrClosed(open)
        if (outcome === 'locked') return new PartLock(open)
        if (outcome === 'busy') return undefined
      }
      return undefined
    } catch (error) {
      const known = ioError(error, part)
      throw known instanceof AivError
        ? known
        : new AivError('E_IO', `${part}: cannot be locked`, { cause: error })
    }
  }

  /** Gives the lock up. The unfinished file must be closed by then. */
  release(): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    const { path, file } = this.#open
    // Windows removes no file that is open, be it by another process: there, removing it late cannot harm a lock.
    const removeOpenFiles = process.platform !== 'win32'
    if (removeOpenFiles) removeIfPossible(path)
    close(this.#open)
    held.delete(file)
    if (!removeOpenFiles) removeIfPossible(path)
  }
}

/** Beside the unfinished file, or as near to it as the path is short enough for SQLite. */
function lockPath(directories: readonly Directory[], names: readonly string[], part: string): string {
  for (let depth = directories.length - 1; depth >= 0; depth--) {
    const { path } = directories[depth] as Directory
    if (utf8(realpathSync(path)).length > LOCK_FOLDER_BYTES_MOST) continue
    return join(path, partLockName([...names.slice(depth), part].join('/')))
  }
  throw new AivError('E_UNSUPPORTED', `the path of the folder is longer than ${LOCK_FOLDER_BYTES_MOST} bytes`)
}

function openUnlessHeld(path: string): OpenLock | undefined {
  const before = fileAt(path)
  if (before !== undefined && held.has(before)) return undefined
  const descriptor = openSync(path, OPEN, 0o600)
  try {
    const { dev, ino } = fstatSync(descriptor, { bigint: true })
    for (const suffix of JOURNALS) rmSync(path + suffix, { force: true })
    return { lock: new ProcessLock(path), path, descriptor, file: `${dev}:${ino}` }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

function lockedOrClosed(open: OpenLock): 'locked' | 'busy' | 'removed' {
  let outcome: 'locked' | 'busy' | 'removed' = 'busy'
  try {
    if (open.lock.tryAcquire()) outcome = fileAt(open.path) === open.file ? 'locked' : 'removed'
    return outcome
  } finally {
    if (outcome !== 'locked') close(open)
  }
}

function close({ lock, descriptor }: OpenLock): void {
  lock.close()
  closeSync(descriptor)
}

/** @throws AivError `E_FILE_PATH` when there is anything but a regular file */
function fileAt(path: string): string | undefined {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false })
  if (found?.isFile() === false)
    throw new AivError('E_FILE_PATH', 'the lock of the file is not a regular file')
  return found && `${found.dev}:${found.ino}`
}

/** An empty file that stays is in nobody's way: the next owner removes it. */
function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    return
  }
}
