/** Where the lines of a delay log wait for the end of their epoch. */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { concat, EMPTY } from '../../../core/index.ts'

/** Numbered heaps of bytes. */
export interface LeafBuckets {
  append(bucket: number, bytes: Uint8Array): void
  /** Everything in the bucket, in order. */
  read(bucket: number): Uint8Array
  /** Forgets everything. */
  discard(): void
}

/** Buckets in memory: for simulations and small networks. */
export class MemoryBuckets implements LeafBuckets {
  readonly #parts = new Map<number, Uint8Array[]>()

  append(bucket: number, bytes: Uint8Array): void {
    const parts = this.#parts.get(bucket)
    if (parts === undefined) this.#parts.set(bucket, [bytes.slice()])
    else parts.push(bytes.slice())
  }

  read(bucket: number): Uint8Array {
    return concat(...(this.#parts.get(bucket) ?? []))
  }

  discard(): void {
    this.#parts.clear()
  }
}

/** Buckets in files of a folder that is theirs alone and goes with them. */
export class FileBuckets implements LeafBuckets {
  readonly #folder: string
  readonly #descriptors = new Map<number, number>()

  /** @param folder of mode 0700; made, and emptied of what an earlier process left */
  constructor(folder: string) {
    this.#folder = folder
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  append(bucket: number, bytes: Uint8Array): void {
    let descriptor = this.#descriptors.get(bucket)
    if (descriptor === undefined) {
      descriptor = openSync(this.#path(bucket), 'a', 0o600)
      this.#descriptors.set(bucket, descriptor)
    }
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at)
  }

  read(bucket: number): Uint8Array {
    return this.#descriptors.has(bucket) ? readFileSync(this.#path(bucket)) : EMPTY
  }

  discard(): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor)
    this.#descriptors.clear()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #path(bucket: number): string {
    return join(this.#folder, `${bucket}.leaves`)
  }
}
