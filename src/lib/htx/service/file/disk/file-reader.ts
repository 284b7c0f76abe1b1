/** Reads a span of a file in chunks, one chunk ahead, from a few buffers that are used again. */
import type { FileHandle } from 'node:fs/promises'
import { AivError } from '../../../../core/index.ts'
import { createSha256, type IncrementalHash } from '../../../../crypto/index.ts'
import { READ_BUFFERS, READ_CHUNK } from '../constants.ts'
import { ioError } from './io-error.ts'

interface Slot {
  readonly buffer: Uint8Array
  /** The chunk that was read into it before is no longer needed once this settles. */
  free: Promise<void>
}

export interface FileChunk {
  readonly bytes: Uint8Array
  /** Keeps the bytes from being overwritten until `done` settles; without this call the next `next` may do so. */
  keepUntil(done: Promise<void>): void
}

export class FileReader {
  readonly #handle: FileHandle
  readonly #end: number
  readonly #slots: Slot[] = []
  #turn = 0
  #position: number
  #ahead: Promise<FileChunk> | undefined

  /** @param start first byte, `end` the one after the last */
  constructor(handle: FileHandle, start: number, end: number) {
    this.#handle = handle
    this.#position = start
    this.#end = end
  }

  /**
   * The next chunk, undefined at the end of the span.
   * @throws AivError `E_FILE_MISMATCH` when the file has become shorter than the span; `E_IO`; what a `keepUntil` met
   */
  async next(): Promise<FileChunk | undefined> {
    const current = this.#ahead ?? this.#start()
    this.#ahead = undefined
    if (current === undefined) return undefined
    this.#ahead = this.#start()
    // Whoever stops half-way never asks for it.
    this.#ahead?.catch(() => {})
    return await current
  }

  #start(): Promise<FileChunk> | undefined {
    if (this.#position >= this.#end) return undefined
    const length = Math.min(READ_CHUNK, this.#end - this.#position)
    const position = this.#position
    this.#position += length
    return this.#fill(this.#nextSlot(length), position, length)
  }

  #nextSlot(length: number): Slot {
    const index = this.#turn
    this.#turn = (index + 1) % READ_BUFFERS
    let slot = this.#slots[index]
    if (slot === undefined) {
      slot = { buffer: new Uint8Array(length), free: Promise.resolve() }
      this.#slots[index] = slot
    }
    return slot
  }

  async #fill(slot: Slot, position: number, length: number): Promise<FileChunk> {
    await slot.free
    const bytes = slot.buffer.subarray(0, length)
    await readExactly(this.#handle, bytes, position)
    return {
      bytes,
      keepUntil: (done) => {
        done.catch(() => {})
        slot.free = done
      },
    }
  }
}

/**
 * Fills `out` from `position`.
 * @throws AivError `E_FILE_MISMATCH` when the file ends before
 */
export async function readExactly(handle: FileHandle, out: Uint8Array, position: number): Promise<void> {
  let at = 0
  while (at < out.length) {
    let bytesRead: number
    try {
      bytesRead = (await handle.read(out, at, out.length - at, position + at)).bytesRead
    } catch (error) {
      throw ioError(error, 'the file')
    }
    if (bytesRead === 0) throw new AivError('E_FILE_MISMATCH', 'the file became shorter while it was read')
    at += bytesRead
  }
}

/**
 * SHA-256 state after the first `length` bytes of a file.
 * @throws AivError `E_ABORTED`; what `FileReader` throws
 */
export async function hashPrefix(
  handle: FileHandle,
  length: number,
  signal?: AbortSignal | undefined,
): Promise<IncrementalHash> {
  const hash = createSha256()
  const reader = new FileReader(handle, 0, length)
  for (;;) {
    if (signal?.aborted === true) throw new AivError('E_ABORTED', 'the transfer was given up')
    const chunk = await reader.next()
    if (chunk === undefined) return hash
    hash.update(chunk.bytes)
  }
}
