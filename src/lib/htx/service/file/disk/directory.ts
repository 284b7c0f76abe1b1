/**
 * A directory held open, so that names are looked up in that directory and nowhere else: what `openat` and its
 * relatives do. Node has no `openat`; where the kernel shows descriptors as paths (Linux), `/proc/self/fd/N/name` is
 * the same thing: whoever renames a level or puts a symbolic link in its place changes nothing for us.
 *
 * Elsewhere the path is used, and the identity of every level is checked before and after each step: a swap in
 * between is found before a byte of content has moved.
 */
import { type BigIntStats, constants } from 'node:fs'
import {
  type FileHandle,
  link,
  lstat,
  mkdir,
  open,
  opendir,
  realpath,
  rename,
  stat,
  unlink,
} from 'node:fs/promises'
import { join } from 'node:path'
import { AivError } from '../../../../core/index.ts'
import { STATS_AT_ONCE } from '../constants.ts'
import { hasErrno, ioError } from './io-error.ts'

/** Not on every system; where they are missing, `lstat` before and after stands in. */
const NO_FOLLOW = constants.O_NOFOLLOW ?? 0
const DIRECTORY_ONLY = constants.O_DIRECTORY ?? 0
/** Opening a named pipe must not wait for its other end. */
const NO_WAIT = constants.O_NONBLOCK ?? 0

export interface OpenRootOptions {
  /** False works with paths even where descriptors could be used. */
  readonly useDescriptors?: boolean
}

export interface DirectoryEntry {
  readonly name: string
  readonly stat: BigIntStats
}

export class Directory {
  readonly #handle: FileHandle
  readonly #stat: BigIntStats
  readonly #base: string
  readonly #parent: Directory | undefined
  readonly #anchored: boolean

  private constructor(
    handle: FileHandle,
    stat: BigIntStats,
    path: string,
    anchored: boolean,
    parent?: Directory,
  ) {
    this.#handle = handle
    this.#stat = stat
    this.#base = anchored ? descriptorPath(handle) : path
    this.#anchored = anchored
    this.#parent = parent
  }

  /**
   * Opens the directory that everything else stays in. Its own path is the operator's and may contain symbolic links.
   * @throws AivError `E_NOT_FOUND`, `E_PERMISSION`, `E_FILE_PATH` when it is no directory
   */
  static async openRoot(path: string, options: OpenRootOptions = {}): Promise<Directory> {
    try {
      const real = await realpath(path)
      const handle = await open(real, constants.O_RDONLY | DIRECTORY_ONLY)
      return await Directory.#hold(handle, async (stats) => {
        const anchored = options.useDescriptors !== false && (await descriptorsArePaths(handle, stats))
        return new Directory(handle, stats, real, anchored)
      })
    } catch (error) {
      throw ioError(error, path)
    }
  }

  /** The same text for the same directory, whatever path led to it. */
  get identity(): string {
    return `${this.#stat.dev}:${this.#stat.ino}`
  }

  /** Leads to this directory while it is open; a path of this process alone. */
  get path(): string {
    return this.#base
  }

  /**
   * Opens a directory in this one.
   * @returns undefined when there is nothing of that name
   * @throws AivError `E_FILE_PATH` when it is anything but a directory
   */
  async enter(name: string): Promise<Directory | undefined> {
    return await this.#do(name, async (path) => {
      const before = await lstatIfThere(path)
      if (before === undefined) return undefined
      if (!before.isDirectory()) throw notA('directory', before, name)
      const handle = await open(path, constants.O_RDONLY | DIRECTORY_ONLY | NO_FOLLOW)
      return await Directory.#hold(handle, async (stats) => {
        if (!stats.isDirectory() || !sameFile(stats, before)) throw moved(name)
        await this.#verify()
        return new Directory(handle, stats, path, this.#anchored, this)
      })
    })
  }

  /** Like `enter`, and makes the directory when it is missing. */
  async make(name: string): Promise<Directory> {
    const existing = await this.enter(name)
    if (existing !== undefined) return existing
    await this.#do(name, async (path) => {
      try {
        await mkdir(path)
      } catch (error) {
        if (!hasErrno(error, 'EEXIST')) throw error
      }
    })
    const made = await this.enter(name)
    if (made === undefined) throw moved(name)
    return made
  }

  /**
   * Opens a regular file in this directory; a symbolic link is never followed.
   * @returns undefined when there is nothing of that name
   * @throws AivError `E_FILE_PATH` when it is anything but a regular file
   */
  async openFile(name: string, access: 'read' | 'write'): Promise<FileHandle | undefined> {
    return await this.#do(name, async (path) => {
      // Opening a device can already do something to it, so the look comes first.
      const before = await lstatIfThere(path)
      if (before === undefined) return undefined
      if (!before.isFile()) throw notA('regular file', before, name)
      const mode = access === 'read' ? constants.O_RDONLY : constants.O_RDWR
      const handle = await open(path, mode | NO_FOLLOW | NO_WAIT)
      return await Directory.#hold(handle, async (stats) => {
        if (!stats.isFile() || !sameFile(stats, before)) throw moved(name)
        await this.#verify()
        return handle
      })
    })
  }

  /**
   * Makes a file that only its owner can read, and opens it for reading and writing.
   * @throws AivError `E_FILE_EXISTS` when the name is taken, be it by a dangling link
   */
  async createFile(name: string): Promise<FileHandle> {
    return await this.#do(name, async (path) => {
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW
      const handle = await open(path, flags, 0o600)
      return await Directory.#hold(handle, async () => {
        await this.#verify()
        return handle
      })
    })
  }

  /** What the name itself is, a link not followed; undefined when there is nothing. */
  async stat(name: string): Promise<BigIntStats | undefined> {
    return await this.#do(name, lstatIfThere)
  }

  /** Everything in this directory that still is there when it is looked at, in no order. */
  async *entries(): AsyncGenerator<DirectoryEntry> {
    let batch: string[] = []
    for await (const name of this.names()) {
      batch.push(name)
      if (batch.length < STATS_AT_ONCE) continue
      yield* await this.#look(batch)
      batch = []
    }
    yield* await this.#look(batch)
  }

  async *names(): AsyncGenerator<string> {
    try {
      await this.#verify()
      for await (const entry of await opendir(this.#base, { bufferSize: 256 })) yield entry.name
    } catch (error) {
      throw ioError(error, 'the directory')
    }
  }

  /** Gives a file another name in this directory; what had that name is replaced. */
  async rename(from: string, to: string): Promise<void> {
    await this.#do(to, (path) => rename(join(this.#base, checked(from)), path))
  }

  /**
   * Gives a file a second name.
   * @throws AivError `E_FILE_EXISTS` when the name is taken
   */
  async link(from: string, to: string): Promise<void> {
    await this.#do(to, (path) => link(join(this.#base, checked(from)), path))
  }

  /** Removes a name; nothing happens when it is gone already. */
  async remove(name: string): Promise<void> {
    await this.#do(name, async (path) => {
      try {
        await unlink(path)
      } catch (error) {
        if (!hasErrno(error, 'ENOENT')) throw error
      }
    })
  }

  /** Makes names durable, where the system can do that for a directory. */
  async sync(): Promise<void> {
    try {
      await this.#handle.sync()
    } catch (error) {
      if (!hasErrno(error, 'EINVAL', 'EPERM', 'EACCES', 'EISDIR', 'EBADF', 'ENOTSUP'))
        throw ioError(error, 'the directory')
    }
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  static async #hold<T>(handle: FileHandle, work: (stats: BigIntStats) => Promise<T>): Promise<T> {
    try {
      return await work(await handle.stat({ bigint: true }))
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  async #look(names: readonly string[]): Promise<DirectoryEntry[]> {
    const stats = await Promise.all(names.map((name) => this.stat(name)))
    return names.flatMap((name, index) => {
      const found = stats[index]
      return found === undefined ? [] : [{ name, stat: found }]
    })
  }

  async #do<T>(name: string, work: (path: string) => Promise<T>): Promise<T> {
    try {
      await this.#verify()
      return await work(join(this.#base, checked(name)))
    } catch (error) {
      throw ioError(error, name)
    }
  }

  async #verify(): Promise<void> {
    if (this.#anchored) return
    for (let level: Directory | undefined = this; level !== undefined; level = level.#parent) {
      const now = await lstatIfThere(level.#base)
      if (now === undefined || !sameFile(now, level.#stat)) throw moved('the directory')
    }
  }
}

function descriptorPath(handle: FileHandle): string {
  return `/proc/self/fd/${handle.fd}`
}

async function descriptorsArePaths(handle: FileHandle, stats: BigIntStats): Promise<boolean> {
  try {
    return sameFile(await stat(`${descriptorPath(handle)}/.`, { bigint: true }), stats)
  } catch {
    return false
  }
}

async function lstatIfThere(path: string): Promise<BigIntStats | undefined> {
  try {
    return await lstat(path, { bigint: true })
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

function sameFile(a: BigIntStats, b: BigIntStats): boolean {
  return a.dev === b.dev && a.ino === b.ino
}

/** Names have been judged before they come here; this holds even if that was forgotten. */
function checked(name: string): string {
  if (
    name === '' ||
    name === '.' ||
    name === '..' ||
    /[/\0]/.test(name) ||
    (process.platform === 'win32' && /[\\:]/.test(name))
  )
    throw new AivError('E_FILE_PATH', 'the file name is not a single path segment')
  return name
}

function notA(wanted: string, found: BigIntStats, name: string): AivError {
  const what = found.isSymbolicLink() ? 'a symbolic link' : `not a ${wanted}`
  return new AivError('E_FILE_PATH', `${name}: ${what}`)
}

function moved(name: string): AivError {
  return new AivError('E_FILE_PATH', `${name}: changed while it was opened`)
}
