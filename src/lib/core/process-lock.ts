/**
 * A lock between processes that falls with its owner.
 *
 * Node has no flock. A lock file made with O_EXCL outlives a killed owner, and guessing from its process id whether
 * the owner lives is wrong across containers. SQLite's lock on an empty database is held by the operating system
 * and falls with the process, so nothing is ever stale.
 */
import type { DatabaseSync } from 'node:sqlite'

const SQLITE_BUSY = 5
const PRIMARY_MASK = 0xff

export class ProcessLock {
  readonly #database: DatabaseSync

  /**
   * Opens the lock without taking it.
   * @param path an empty file of at most 500 bytes of path, symbolic links resolved. While the lock is held, nothing
   *   else in this process may open and close that file: with POSIX locks, closing it once gives the lock up
   * @throws what SQLite throws when the file cannot be opened
   */
  constructor(path: string) {
    // On demand: this module is loaded by every command, and few of them lock anything.
    const sqlite = process.getBuiltinModule('node:sqlite')
    this.#database = new sqlite.DatabaseSync(path, { timeout: 0 })
  }

  /**
   * Takes the lock; never waits.
   * @returns false when another process, or another lock of this one, has it
   */
  tryAcquire(): boolean {
    try {
      // The journal, of a write that never comes, must not lie on the disk: a killed owner would leave it there.
      this.#database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
      return true
    } catch (error) {
      const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & PRIMARY_MASK : 0
      if (code === SQLITE_BUSY) return false
      throw error
    }
  }

  /** Gives the lock up; nothing was written. */
  close(): void {
    this.#database.close()
  }
}
