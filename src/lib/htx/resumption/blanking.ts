/**
 * Deleting one entry of a file of tickets in one write: its psk is overwritten with zeros where it stands. The file
 * stays the same JSON all the while, whatever a crash leaves of the write; a psk that is partly zero opens nothing.
 *
 * The kernel has the pages of so small a file: only the wait for the disk is worth a thread.
 */
import { closeSync, fdatasync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { isAllZero, toHex } from '../../core/index.ts'
import type { HeldTicket } from './ticket-entry.ts'

const sync = promisify(fdatasync)

/**
 * Makes an entry useless, durably.
 * @param content what the file holds; nobody else may write to it meanwhile
 * @returns false when the psk stands there in a form that cannot be overwritten
 */
export async function blankEntry(path: string, content: Uint8Array, { psk }: HeldTicket): Promise<boolean> {
  const at = Buffer.from(content.buffer, content.byteOffset, content.byteLength).indexOf(toHex(psk))
  if (at < 0) return false
  const file = openSync(path, 'r+')
  try {
    writeSync(file, '0'.repeat(2 * psk.length), at)
    await sync(file)
  } finally {
    closeSync(file)
  }
  return true
}

/** Content and mode of a file of at most `maxBytes`; undefined when it is not one that can be read like this. */
export function readSmallFile(
  path: string,
  maxBytes: number,
): { readonly bytes: Uint8Array; readonly mode: number } | undefined {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch {
    return undefined
  }
  try {
    const { size, mode } = fstatSync(file)
    const bytes = new Uint8Array(Math.min(size, maxBytes) + 1)
    return readSync(file, bytes, 0, bytes.length, 0) === size
      ? { bytes: bytes.subarray(0, size), mode }
      : undefined
  } finally {
    closeSync(file)
  }
}

export function isBlank({ psk }: HeldTicket): boolean {
  return isAllZero(psk)
}
