/** The place where a file of a given name will lie, below a root that is never left. */
import type { FileHandle } from 'node:fs/promises'
import { AivError } from '../../../../core/index.ts'
import type { Directory } from './directory.ts'
import { foldedPath, isPartOf, nameSegments, partName } from './names.ts'
import { PartFile } from './part-file.ts'
import { PartLock } from './part-lock.ts'

export class Landing {
  /** The whole name as the peer says it. */
  readonly name: string
  /** Its last segment. */
  readonly fileName: string
  readonly #root: Directory
  readonly #levels: readonly string[]
  /** Directories entered so far, the outermost first. */
  readonly #entered: Directory[] = []

  private constructor(root: Directory, name: string, segments: readonly string[]) {
    this.#root = root
    this.name = name
    this.fileName = segments.at(-1) as string
    this.#levels = segments.slice(0, -1)
  }

  /**
   * Judges the name and enters those of its directories that exist. Nothing is written.
   * @throws AivError `E_FILE_PATH`, `E_PERMISSION`
   */
  static async find(root: Directory, name: string): Promise<Landing> {
    const landing = new Landing(root, name, nameSegments(name))
    try {
      for (const level of landing.#levels) {
        const next = await landing.#innermost.enter(level)
        if (next === undefined) break
        landing.#entered.push(next)
      }
      return landing
    } catch (error) {
      await landing.close()
      throw error
    }
  }

  /** One text for all transfers that would meet in the same unfinished file. */
  partKey(part: string): string {
    return foldedPath([this.#root.identity, ...this.#levels, part].join('/'))
  }

  /**
   * Opens the file that has the name already.
   * @throws AivError `E_FILE_PATH` when something else has it
   */
  async openTarget(): Promise<FileHandle | undefined> {
    return await this.#directory?.openFile(this.fileName, 'read')
  }

  /**
   * Goes on with the unfinished file of this content, or makes it and the directories above it.
   * @throws AivError `E_FILE_EXISTS` when another process is receiving it
   */
  async openPart(fingerprint: Uint8Array): Promise<PartFile> {
    for (const level of this.#levels.slice(this.#entered.length)) {
      this.#entered.push(await this.#innermost.make(level))
    }
    const name = partName(this.fileName, fingerprint)
    return await unlessFailed(this.lockPart(name), async (lock) => {
      const directory = this.#innermost
      return (await PartFile.resume(directory, name, lock)) ?? (await PartFile.create(directory, name, lock))
    })
  }

  /**
   * Keeps other processes away from an unfinished file, whether it exists or not.
   * @throws AivError `E_FILE_EXISTS` when one of them is receiving it
   */
  lockPart(part: string): PartLock {
    const lock = this.#tryLock(part)
    if (lock === undefined)
      throw new AivError('E_FILE_EXISTS', `${this.name}: a transfer of this file is in progress`)
    return lock
  }

  /** Opens the unfinished file of this name that was written last, of those that `mayUse` allows; undefined when another process has it. */
  async newestPart(mayUse: (part: string) => boolean): Promise<PartFile | undefined> {
    const directory = this.#directory
    if (directory === undefined) return undefined
    let newest: { readonly name: string; readonly at: bigint } | undefined
    for await (const name of directory.names()) {
      if (!isPartOf(name, this.fileName)) continue
      const stats = await directory.stat(name)
      if (stats?.isFile() !== true || stats.mtimeNs <= (newest?.at ?? -1n)) continue
      if (mayUse(name)) newest = { name, at: stats.mtimeNs }
    }
    if (newest === undefined) return undefined
    const { name } = newest
    const lock = this.#tryLock(name)
    if (lock === undefined) return undefined
    return await unlessFailed(lock, async () => {
      const part = await PartFile.resume(directory, name, lock)
      if (part === undefined) lock.release()
      return part
    })
  }

  /** Removes unfinished files of this name, now that a whole one is there. */
  async removeParts(mayRemove: (part: string) => boolean): Promise<void> {
    const directory = this.#directory
    if (directory === undefined) return
    const stale: string[] = []
    for await (const name of directory.names()) if (isPartOf(name, this.fileName)) stale.push(name)
    for (const name of stale) {
      const isFile = (await directory.stat(name))?.isFile() === true
      const lock = isFile && mayRemove(name) ? this.#tryLock(name) : undefined
      if (lock === undefined) continue
      try {
        await directory.remove(name)
      } finally {
        lock.release()
      }
    }
  }

  async close(): Promise<void> {
    for (const directory of this.#entered.splice(0)) await directory.close()
  }

  #tryLock(part: string): PartLock | undefined {
    return PartLock.tryAcquire([this.#root, ...this.#entered], this.#levels, part)
  }

  get #innermost(): Directory {
    return this.#entered.at(-1) ?? this.#root
  }

  /** Where the file lies; undefined while a level of its path is missing. */
  get #directory(): Directory | undefined {
    return this.#entered.length === this.#levels.length ? this.#innermost : undefined
  }
}

/** The lock passes to what `work` makes, or is given up. */
async function unlessFailed<T>(lock: PartLock, work: (lock: PartLock) => Promise<T>): Promise<T> {
  try {
    return await work(lock)
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Walks to a file below `root` and opens it to read. */
export async function openBelow(root: Directory, segments: readonly string[]): Promise<FileHandle> {
  const name = segments.at(-1) as string
  const handle = await inDirectory(root, segments.slice(0, -1), (directory) =>
    directory.openFile(name, 'read'),
  )
  if (handle === undefined) throw new AivError('E_NOT_FOUND', `${segments.join('/')}: not found`)
  return handle
}

/**
 * Walks to a directory below `root` and works there.
 * @throws AivError `E_NOT_FOUND`, `E_FILE_PATH`
 */
export async function inDirectory<T>(
  root: Directory,
  segments: readonly string[],
  work: (directory: Directory) => Promise<T>,
): Promise<T> {
  const [first, ...rest] = segments
  if (first === undefined) return await work(root)
  const directory = await root.enter(first)
  if (directory === undefined) throw new AivError('E_NOT_FOUND', `${first}: not found`)
  try {
    return await inDirectory(directory, rest, work)
  } finally {
    await directory.close()
  }
}
