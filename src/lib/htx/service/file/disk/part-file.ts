/**
 * A file that is being received. It lies beside its target as `NAME.FINGERPRINT.part`, readable by its owner only, and
 * takes the name of the target when it is whole.
 */
import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { AivError, releaseBuffers } from '../../../../core/index.ts'
import type { IncrementalHash } from '../../../../crypto/index.ts'
import { MTIME_MOST, WRITE_BEHIND, WRITE_BEHIND_PIECES } from '../constants.ts'
import type { Directory } from './directory.ts'
import { hashPrefix } from './file-reader.ts'
import { hasErrno, ioError } from './io-error.ts'
import type { PartLock } from './part-lock.ts'

/** What becomes of a file that has the name already. */
export type Overwrite = 'never' | 'always'

export interface Publication {
  /** Name of the target in the same directory. */
  readonly name: string
  readonly size: number
  /** Unix seconds. */
  readonly mtime: number
  /** Permission bits; all but the low nine are dropped, and those that the process's umask forbids. */
  readonly mode: number
  readonly overwrite: Overwrite
}

export class PartFile {
  readonly #directory: Directory
  readonly #handle: FileHandle
  #name: string
  /** Held while the file is open: nobody else has it open then. */
  #lock: PartLock
  /** Bytes that are, or are about to be, in the file. */
  #size: number
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #writing: Promise<void> | undefined
  #failure: unknown
  #isOpen = true

  private constructor(directory: Directory, handle: FileHandle, name: string, lock: PartLock, size: number) {
    this.#directory = directory
    this.#handle = handle
    this.#name = name
    this.#lock = lock
    this.#size = size
  }

  /**
   * Opens what an earlier transfer left; undefined when there is nothing to go on from.
   * @param lock of that name; it belongs to the file that is returned
   */
  static async resume(directory: Directory, name: string, lock: PartLock): Promise<PartFile | undefined> {
    const handle = await directory.openFile(name, 'write')
    if (handle === undefined) return undefined
    const stats = await handle.stat({ bigint: true })
    if (isOurs(stats) && stats.size <= BigInt(Number.MAX_SAFE_INTEGER))
      return new PartFile(directory, handle, name, lock, Number(stats.size))
    await handle.close()
    await directory.remove(name)
    return undefined
  }

  static async create(directory: Directory, name: string, lock: PartLock): Promise<PartFile> {
    return new PartFile(directory, await directory.createFile(name), name, lock, 0)
  }

  get name(): string {
    return this.#name
  }

  /** Bytes held. */
  get size(): number {
    return this.#size
  }

  /** Hashes everything that is held. */
  async hash(signal?: AbortSignal | undefined): Promise<IncrementalHash> {
    return await hashPrefix(this.#handle, this.#size, signal)
  }

  /** Drops what is held. */
  async restart(): Promise<void> {
    await this.#try(() => this.#handle.truncate(0))
    this.#size = 0
  }

  /**
   * Takes another name, for content that turned out to have another fingerprint.
   * @param lock of that name
   */
  async rename(name: string, lock: PartLock): Promise<void> {
    try {
      await this.#directory.rename(this.#name, name)
    } catch (error) {
      lock.release()
      throw error
    }
    this.#lock.release()
    this.#name = name
    this.#lock = lock
  }

  /**
   * Takes the next bytes, which are the file's from now on: they are written in the background, many pieces at once,
   * and freed.
   * @returns undefined when more may follow at once, else what to wait for first
   * @throws AivError when an earlier write failed
   */
  append(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    this.#size += bytes.length
    this.#writing ??= this.#writePending()
    return this.#isFull ? this.#room() : undefined
  }

  /**
   * Writes everything out and gives the file its name.
   * @throws AivError `E_FILE_EXISTS` when the name is taken and must not be overwritten; `E_IO`
   */
  async publish({ name, size, mtime, mode, overwrite }: Publication): Promise<void> {
    await this.#flush()
    await this.#try(async () => {
      const stats = await this.#handle.stat({ bigint: true })
      const named = await this.#directory.stat(this.#name)
      if (stats.size !== BigInt(size) || named?.ino !== stats.ino || named.dev !== stats.dev)
        throw new AivError('E_IO', `${name}: the unfinished file was changed by somebody else`)
      const seconds = Math.min(mtime, MTIME_MOST)
      await whereSupported(() => this.#handle.chmod((mode % 0o1000) & ~process.umask()))
      await whereSupported(() => this.#handle.utimes(seconds, seconds))
      // Whoever is told that the file is there may delete the original: it must survive a power cut.
      await this.#handle.sync()
    })
    if (overwrite === 'always') await this.#directory.rename(this.#name, name)
    else await this.#takeFreeName(name)
    await this.#directory.sync()
    await this.#close(async () => {})
  }

  /** Closes the file and leaves what is held for the next attempt. What cannot be written will be sent again. */
  async keep(): Promise<void> {
    if (!this.#isOpen) return
    while (this.#writing !== undefined) await this.#writing
    const { size } = await this.#handle.stat()
    await this.#close(async () => {
      if (size === 0) await this.#directory.remove(this.#name)
    })
  }

  /** Deletes the file. */
  async discard(): Promise<void> {
    if (!this.#isOpen) return
    this.#pending = []
    this.#pendingBytes = 0
    await this.#writing
    await this.#close(() => this.#directory.remove(this.#name))
  }

  /** A link fails where a rename would replace, so that nothing that came meanwhile is lost. */
  async #takeFreeName(name: string): Promise<void> {
    try {
      await this.#directory.link(this.#name, name)
    } catch (error) {
      if (!isLinkUnsupported(error)) throw error
      if ((await this.#directory.stat(name)) !== undefined)
        throw new AivError('E_FILE_EXISTS', `${name}: exists`)
      await this.#directory.rename(this.#name, name)
      return
    }
    await this.#directory.remove(this.#name)
  }

  get #isFull(): boolean {
    return this.#pendingBytes >= WRITE_BEHIND || this.#pending.length >= WRITE_BEHIND_PIECES
  }

  async #room(): Promise<void> {
    while (this.#isFull && this.#writing !== undefined) await this.#writing
    if (this.#failure !== undefined) throw this.#failure
  }

  async #flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Never rejects: the failure is kept for whoever waits or writes next. */
  async #writePending(): Promise<void> {
    try {
      while (this.#pending.length > 0) {
        const pieces = this.#pending
        const bytes = this.#pendingBytes
        const position = this.#size - bytes
        this.#pending = []
        this.#pendingBytes = 0
        await writeAll(this.#handle, pieces, position, bytes)
        releaseBuffers(pieces)
      }
    } catch (error) {
      this.#failure = ioError(error, 'the received file')
    } finally {
      this.#writing = undefined
    }
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw ioError(error, 'the received file')
    }
  }

  /** @param last what is still to be done before others may have the file */
  async #close(last: () => Promise<void>): Promise<void> {
    this.#isOpen = false
    try {
      await this.#handle.close()
      await last()
    } finally {
      this.#lock.release()
    }
  }
}

/** In a folder that others write to, a prepared file would let its maker read or change what we receive. */
function isOurs(stats: BigIntStats): boolean {
  const writableByOthers = process.platform !== 'win32' && (stats.mode & 0o022n) !== 0n
  const uid = process.getuid?.()
  return stats.nlink === 1n && !writableByOthers && (uid === undefined || stats.uid === BigInt(uid))
}

async function writeAll(
  handle: FileHandle,
  pieces: readonly Uint8Array[],
  position: number,
  length: number,
): Promise<void> {
  let rest = pieces
  let done = 0
  for (;;) {
    const { bytesWritten } = await handle.writev(rest as Uint8Array[], position + done)
    done += bytesWritten
    if (done >= length) return
    if (bytesWritten === 0) throw new AivError('E_IO', 'the received file: nothing could be written')
    rest = after(rest, bytesWritten)
  }
}

/** The pieces without their first `count` bytes. */
function after(pieces: readonly Uint8Array[], count: number): Uint8Array[] {
  let skip = count
  const rest: Uint8Array[] = []
  for (const piece of pieces) {
    if (skip >= piece.length) skip -= piece.length
    else {
      rest.push(skip === 0 ? piece : piece.subarray(skip))
      skip = 0
    }
  }
  return rest
}

/** File systems without permissions or times still keep the content. */
async function whereSupported(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!hasErrno(error, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL')) throw error
  }
}

function isLinkUnsupported(error: unknown): boolean {
  const cause = error instanceof AivError ? error.cause : error
  return hasErrno(cause, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EXDEV')
}
