/**
 * The known-peers file as a log: JSON lines, the last line of a peer counts. Recording a peer appends one line and
 * syncs it; a file of 100,000 peers is not rewritten for each new one. Several processes append under one lock.
 */
import { type BigIntStats, statSync } from 'node:fs'
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AivError, utf8 } from '../../core/index.ts'
import { MAX_PEER_LINE_BYTES } from '../constants.ts'
import { fileError, replaceFileAtomically } from '../files/atomic-file.ts'
import { withFileLock } from '../files/file-lock.ts'

const NEWLINE = 0x0a
const READ_BYTES = 65_536

export interface PeerLogReader {
  /** The file was replaced: forget everything read so far. */
  restart(): void
  /** One complete line without its newline. */
  line(text: Uint8Array, number: number): void
}

export class PeerLog {
  readonly #path: string
  readonly #reader: PeerLogReader
  #identity: string | undefined
  /** Bytes read, which end with a newline. */
  #offset = 0
  #lines = 0
  #isDoubtful = false

  constructor(path: string, reader: PeerLogReader) {
    this.#path = path
    this.#reader = reader
  }

  /** Lines in the file, superseded ones included. */
  get lines(): number {
    return this.#lines
  }

  /**
   * A write failed and could not be taken back: lines that can be read may not be on the disk, and syncing them again
   * does not bring them there. Nothing counts as recorded until the file has been rewritten.
   */
  get isDoubtful(): boolean {
    return this.#isDoubtful
  }

  /** Makes the folder where it is missing, for the lock as well as for the file. */
  async prepare(): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 })
    } catch (error) {
      throw fileError(error, 'write', this.#path)
    }
  }

  /** Runs `work` while no other process writes. */
  locked<T>(work: () => Promise<T>): Promise<T> {
    return withFileLock(this.#path, work)
  }

  /**
   * Reads what has been added since the last time, or everything when the file was replaced. What was read from a
   * file that has vanished stays known.
   * @returns false when there is no file
   */
  async refresh(): Promise<boolean> {
    if (this.#isUnchanged()) return true
    let file: FileHandle
    try {
      file = await open(this.#path, 'r')
    } catch (error) {
      if (isMissing(error)) return false
      throw fileError(error, 'read', this.#path)
    }
    try {
      const found = await file.stat({ bigint: true })
      const identity = identityOf(found)
      if (identity !== this.#identity || found.size < BigInt(this.#offset)) this.#restart(identity)
      if (found.size > BigInt(this.#offset)) await this.#readOn(file)
      return true
    } catch (error) {
      throw fileError(error, 'read', this.#path)
    } finally {
      await file.close()
    }
  }

  /**
   * Appends lines durably. Only under the lock, right after `refresh`, and not to a doubtful file.
   * @throws AivError `E_IO`, `E_PERMISSION`; then nothing may be taken for recorded
   */
  async append(lines: readonly string[]): Promise<void> {
    const bytes = utf8(lines.map((line) => `${line}\n`).join(''))
    let file: FileHandle | undefined
    try {
      file = await open(this.#path, 'r+')
      // Cuts off a line that a crash left unfinished: nobody was told that it is recorded.
      await file.truncate(this.#offset)
      await file.write(bytes, 0, bytes.length, this.#offset)
      await file.sync()
    } catch (error) {
      await this.#takeBack(file)
      throw fileError(error, 'write', this.#path)
    } finally {
      await file?.close()
    }
    this.#offset += bytes.length
    this.#lines += lines.length
  }

  /** Replaces the file by these lines. Only under the lock. */
  async rewrite(lines: readonly string[]): Promise<void> {
    const bytes = utf8(lines.map((line) => `${line}\n`).join(''))
    const before = this.#identityNow()
    try {
      await replaceFileAtomically(this.#path, bytes)
      this.#identity = identityOf(await stat(this.#path, { bigint: true }))
    } catch (error) {
      this.#identity = undefined
      // The new file is there, but after a power cut the old one may be.
      if (this.#identityNow() !== before) this.#isDoubtful = true
      throw fileError(error, 'write', this.#path)
    }
    this.#isDoubtful = false
    this.#offset = bytes.length
    this.#lines = lines.length
  }

  /** Asked at each handshake: a synchronous stat takes microseconds, opening the file a hundred times that. */
  #isUnchanged(): boolean {
    try {
      const found = statSync(this.#path, { bigint: true })
      return identityOf(found) === this.#identity && found.size === BigInt(this.#offset)
    } catch {
      // Opening the file says what is wrong.
      return false
    }
  }

  /** Removes what a failed `append` may have left, so that nobody takes it for recorded. The next turn reads anew. */
  async #takeBack(file: FileHandle | undefined): Promise<void> {
    this.#identity = undefined
    try {
      await file?.truncate(this.#offset)
    } catch {
      this.#isDoubtful = true
    }
  }

  #identityNow(): string | undefined {
    const found = statSync(this.#path, { bigint: true, throwIfNoEntry: false })
    return found && identityOf(found)
  }

  #restart(identity: string): void {
    this.#identity = identity
    this.#offset = 0
    this.#lines = 0
    this.#reader.restart()
  }

  async #readOn(file: FileHandle): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES)
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, this.#offset)
      const end = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE) + 1
      if (end === 0) {
        if (bytesRead > MAX_PEER_LINE_BYTES && !buffer.subarray(0, bytesRead).includes(0))
          throw unreadableLine(this.#lines + 1, 'is too long')
        return
      }
      this.#deliver(buffer.subarray(0, end))
      this.#offset += end
    }
  }

  #deliver(lines: Uint8Array): void {
    let number = this.#lines
    for (let start = 0; start < lines.length; ) {
      const end = lines.indexOf(NEWLINE, start)
      const line = lines.subarray(start, end)
      number++
      // After a power failure a stretch that was never synced reads as zeros; no line in it was acknowledged.
      if (line.length > 0 && !line.includes(0)) {
        if (line.length > MAX_PEER_LINE_BYTES) throw unreadableLine(number, 'is too long')
        this.#reader.line(line, number)
      }
      start = end + 1
    }
    this.#lines = number
  }
}

export function unreadableLine(number: number, why: string): AivError {
  return new AivError('E_INPUT', `line ${number} of the known-peers file ${why}`, {
    hint: 'Restore the file from a copy. Deleting the line forgets what is known of that peer.',
  })
}

/** Inode numbers are used again after a replacement, so the time of birth belongs to the name of a file. */
function identityOf({ dev, ino, birthtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${birthtimeNs}`
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
