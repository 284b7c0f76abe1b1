/** Where the lines of a delay log wait for the end of their epoch. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { LEAF_BYTES } from './leaf.ts'

/** Bytes that are read at once, whole lines. */
const READ_BYTES = LEAF_BYTES * 16_384

export interface LeafStore {
  /** Lines that are in it. */
  readonly count: number
  /** @param leaves whole lines */
  append(leaves: Uint8Array): void
  /** All lines in parts of whole lines, valid until the next part. */
  read(): Iterable<Uint8Array>
  /** Forgets everything. */
  discard(): void
}

/** Lines in memory: for simulations and small networks. */
export class MemoryLeaves implements LeafStore {
  #parts: Uint8Array[] = []
  #count = 0

  get count(): number {
    return this.#count
  }

  append(leaves: Uint8Array): void {
    this.#count += leaves.length / LEAF_BYTES
    this.#parts.push(leaves.slice())
  }

  read(): Iterable<Uint8Array> {
    return this.#parts
  }

  discard(): void {
    this.#parts = []
    this.#count = 0
  }
}

/** Lines in a file of mode 0600. What an earlier process left there is kept. */
export class LeafFile implements LeafStore {
  readonly #path: string
  #descriptor: number | undefined
  #count: number

  constructor(path: string) {
    this.#path = path
    this.#descriptor = openSync(path, 'a+', 0o600)
    this.#count = Math.floor(fstatSync(this.#descriptor).size / LEAF_BYTES)
    // A process that was killed while it wrote leaves part of a line behind.
    ftruncateSync(this.#descriptor, this.#count * LEAF_BYTES)
  }

  get count(): number {
    return this.#count
  }

  append(leaves: Uint8Array): void {
    for (let at = 0; at < leaves.length; ) at += writeSync(this.#file(), leaves, at)
    this.#count += leaves.length / LEAF_BYTES
  }

  *read(): Generator<Uint8Array> {
    const bytes = new Uint8Array(READ_BYTES)
    let from = 0
    for (let at = 0; ; ) {
      const got = readSync(this.#file(), bytes, at, bytes.length - at, from)
      from += got
      at += got
      if (got > 0 && at < bytes.length) continue
      yield bytes.subarray(0, at)
      if (got === 0) return
      at = 0
    }
  }

  /** Lets go of the file and leaves it where it is. */
  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  discard(): void {
    this.close()
    rmSync(this.#path, { force: true })
    this.#count = 0
  }

  #file(): number {
    this.#descriptor ??= openSync(this.#path, 'a+', 0o600)
    return this.#descriptor
  }
}
