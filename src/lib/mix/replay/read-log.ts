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
  const buffer = new Uint8Array(MOST_BLOCK_BYTES)
  const header = await readAt(file, buffer, 0)
  if (header < LOG_HEADER_BYTES || !isLogHeader(buffer, key)) return { state: 'lost', why: 'damaged' }
  let at = LOG_HEADER_BYTES
  for (let tags = 0; ; ) {
    const available = await readAt(file, buffer, at)
    if (available < BLOCK_HEAD_BYTES) return { state: 'whole', tags, end: at }
    const length = blockLength(buffer)
    if (length === undefined) return { state: 'lost', why: 'damaged' }
    if (length > available) return { state: 'whole', tags, end: at }
    const fingerprints = openBlock(buffer.subarray(0, length), key, at)
    if (fingerprints === undefined) return { state: 'lost', why: 'damaged' }
    for (let i = 0; i < fingerprints.length; i += FINGERPRINT_BYTES, tags++)
      if (!take(readU32(fingerprints, i) | 0, readU32(fingerprints, i + 4) | 0))
        return { state: 'lost', why: 'overfull' }
    at += length
    // Tens of millions of tags take seconds: signals must get through meanwhile.
    await breathe()
  }
}

/** Fills the buffer as far as the file goes. */
async function readAt(file: FileHandle, buffer: Uint8Array, at: number): Promise<number> {
  let length = 0
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, at + length)
    length += bytesRead
    if (bytesRead === 0 || length === buffer.length) return length
  }
}
