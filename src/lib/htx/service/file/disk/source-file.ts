/** A regular file of ours, open to be sent, and what an offer says about it. */
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { AivError, u64 } from '../../../../core/index.ts'
import { sha256 } from '../../../../crypto/index.ts'
import { FINGERPRINT_EDGE, MTIME_MOST } from '../constants.ts'
import type { FileOffer } from '../wire/items.ts'
import { readExactly } from './file-reader.ts'
import { ioError } from './io-error.ts'

export interface SourceFile {
  readonly handle: FileHandle
  /** Bytes. */
  readonly size: number
  /** Unix seconds. */
  readonly mtime: number
  /** Low nine permission bits. */
  readonly mode: number
  /** 32 bytes. */
  readonly fingerprint: Uint8Array
}

export function offerOf(name: string, { size, mtime, mode, fingerprint }: SourceFile): FileOffer {
  return { name, size, mtime, mode, fingerprint }
}

/**
 * Opens a file that the user named; a symbolic link among what the user named is followed.
 * @throws AivError `E_NOT_FOUND`, `E_PERMISSION`, `E_INPUT` when it is no regular file
 */
export async function openSource(path: string): Promise<SourceFile> {
  let handle: FileHandle
  try {
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  } catch (error) {
    throw ioError(error, path)
  }
  return await sourceFrom(handle, path)
}

/**
 * Describes an open file. The handle is closed when that fails.
 * @param subject what errors call it
 */
export async function sourceFrom(handle: FileHandle, subject: string): Promise<SourceFile> {
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw new AivError('E_INPUT', `${subject}: not a regular file`)
    if (!Number.isSafeInteger(stats.size)) throw new AivError('E_TOO_LARGE', `${subject}: too large`)
    return {
      handle,
      size: stats.size,
      mtime: unixSecondsOf(stats.mtimeMs),
      mode: stats.mode & 0o777,
      fingerprint: await fingerprintOf(handle, stats.size),
    }
  } catch (error) {
    await handle.close()
    throw ioError(error, subject)
  }
}

/** SHA-256(first 1 MiB ‖ last 1 MiB ‖ u64 size); of a smaller file both are the whole of it. */
export async function fingerprintOf(handle: FileHandle, size: number): Promise<Uint8Array> {
  const edge = Math.min(size, FINGERPRINT_EDGE)
  const first = new Uint8Array(edge)
  await readExactly(handle, first, 0)
  if (size === edge) return sha256(first, first, u64(size))
  const last = new Uint8Array(edge)
  await readExactly(handle, last, size - edge)
  return sha256(first, last, u64(size))
}

/** Whole seconds in the range that the wire can say. */
export function unixSecondsOf(milliseconds: number): number {
  return Math.min(MTIME_MOST, Math.max(0, Math.floor(milliseconds / 1000)))
}
