/** Reading a replay log back after a stop, clean or not. */
import { type FileHandle, open } from 'node:fs/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import { readU32 } from '../../core/index.ts'
import { FINGERPRINT_BYTES } from './journal-reader.ts'
import {
  BLOCK_HEAD_BYTES,
  blockLength,
  isLogHeader,
  LOG_HEADER_BYTES,
  MOST_BLOCK_BYTES,
  openBlock,
  type ReplayLogKey,
} from './log-format.ts'

/**
 * What a log says about its tags. `whole`: all that were ever durable are there. `lost`: some may be missing, and the
 * key must not be used any more.
 *
 * A file that ends within a block is whole: a tag counts as durable only when its block was written to the end and
 * synced, so nobody was told of that one. A block of full length that is wrong may have been right once.
 */
export type LogVerdict =
  | { readonly state: 'whole'; readonly tags: number /** Where the next block goes. */; readonly end: number }
  | { readonly state: 'lost'; readonly why: 'missing' | 'damaged' | 'overfull' }

/**
 * Reads a log and hands every fingerprint on.
 * @param take false when it has no room for one more
 */
export async function readReplayLog(
  path: string,
  key: ReplayLogKey,
  take: (low: number, high: number) => boolean,
): Promise<LogVerdict> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return { state: 'lost', why: 'missing' }
    throw error
  }
  try {
    return await readBlocks(file, key, take)
  } finally {
    await file.close()
  }
}

async function readBlocks(
  file: FileHandle,
  key: ReplayLogKey,
  take: (low: number, high: number) => boolean,
): Promise<LogVerdict> {
  const window = new FileWindow(file)
  const header = await window.at(0, LOG_HEADER_BYTES)
  if (!isLogHeader(header, key)) return { state: 'lost', why: 'damaged' }
  let at = LOG_HEADER_BYTES
  for (let tags = 0; ; ) {
    const head = await window.at(at, BLOCK_HEAD_BYTES)
    if (head.length < BLOCK_HEAD_BYTES) return { state: 'whole', tags, end: at }
    const length = blockLength(head)
    if (length === undefined) return { state: 'lost', why: 'damaged' }
    const block = await window.at(at, length)
    if (block.length < length) return { state: 'whole', tags, end: at }
    const fingerprints = openBlock(block, key, at)
    if (fingerprints === undefined) return { state: 'lost', why: 'damaged' }
    for (let i = 0; i < fingerprints.length; i += FINGERPRINT_BYTES, tags++)
      if (!take(readU32(fingerprints, i) | 0, readU32(fingerprints, i + 4) | 0))
        return { state: 'lost', why: 'overfull' }
    at += length
  }
}

/** Parts of a file in ascending order, read in large pieces: a log has blocks of any size, mostly small ones. */
class FileWindow {
  readonly #file: FileHandle
  readonly #buffer = new Uint8Array(8 * MOST_BLOCK_BYTES)
  /** What of the file the buffer holds. */
  #from = 0
  #to = 0

  constructor(file: FileHandle) {
    this.#file = file
  }

  /** `length` bytes from `at` on, or what the file has of them; valid until the next call. */
  async at(at: number, length: number): Promise<Uint8Array> {
    if (at < this.#from || at + length > this.#to) await this.#fill(at)
    return this.#buffer.subarray(at - this.#from, Math.min(at + length, this.#to) - this.#from)
  }

  async #fill(at: number): Promise<void> {
    // Tens of millions of tags take half a minute: signals must get through meanwhile.
    await breathe()
    this.#from = at
    this.#to = at
    for (;;) {
      const held = this.#to - at
      const { bytesRead } = await this.#file.read(this.#buffer, held, this.#buffer.length - held, this.#to)
      this.#to += bytesRead
      if (bytesRead === 0 || held + bytesRead === this.#buffer.length) return
    }
  }
}
