/** Where the lines of a delay log wait for the end of their epoch. */
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { concat, EMPTY } from '../../../core/index.ts'
import { LEAF_BYTES } from './leaf.ts'

/** By the first six bits of ids, which are random: each bucket is small enough to be sorted in memory. */
export const BUCKETS = 64

/** Numbered heaps of lines. */
export interface LeafBuckets {
  /** Lines in all buckets. */
  readonly count: number
  /** @param leaves whole lines */
  append(bucket: number, leaves: Uint8Array): void
  /** Everything in the bucket, in order. */
  read(bucket: number): Uint8Array
  /** Forgets everything. */
  discard(): void
}

/** Buckets in memory: for simulations and small networks. */
export class MemoryBuckets implements LeafBuckets {
  readonly #parts = new Map<number, Uint8Array[]>()
  #count = 0

  get count(): number {
    return this.#count
  }

  append(bucket: number, leaves: Uint8Array): void {
    this.#count += leaves.length / LEAF_BYTES
    const parts = this.#parts.get(bucket)
    if (parts === undefined) this.#parts.set(bucket, [leaves.slice()])
    else parts.push(leaves.slice())
  }

  read(bucket: number): Uint8Array {
    return concat(...(this.#parts.get(bucket) ?? []))
  }

  discard(): void {
    this.#parts.clear()
    this.#count = 0
  }
}

/** Buckets in files of a folder that is theirs alone. What an earlier process left there is kept. */
export class FileBuckets implements LeafBuckets {
  readonly #folder: string
  readonly #descriptors = new Map<number, number>()
  #count = 0

  /** @param folder made with mode 0700 where it is not there */
  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (let bucket = 0; bucket < BUCKETS; bucket++) if (existsSync(this.#path(bucket))) this.#reopen(bucket)
  }

  get count(): number {
    return this.#count
  }

  append(bucket: number, leaves: Uint8Array): void {
    const descriptor = this.#descriptors.get(bucket) ?? this.#open(bucket)
    for (let at = 0; at < leaves.length; ) at += writeSync(descriptor, leaves, at)
    this.#count += leaves.length / LEAF_BYTES
  }

  read(bucket: number): Uint8Array {
    return this.#descriptors.has(bucket) ? readFileSync(this.#path(bucket)) : EMPTY
  }

  /** Lets go of the files and leaves them where they are. */
  close(): void {
    for (const descriptor of this.#descriptors.values()) closeSync(descriptor)
    this.#descriptors.clear()
  }

  discard(): void {
    this.close()
    rmSync(this.#folder, { recursive: true, force: true })
    this.#count = 0
  }

  #open(bucket: number): number {
    const descriptor = openSync(this.#path(bucket), 'a', 0o600)
    this.#descriptors.set(bucket, descriptor)
    return descriptor
  }

  /** A process that was killed while it wrote leaves part of a line behind. */
  #reopen(bucket: number): void {
    const descriptor = this.#open(bucket)
    const count = Math.floor(fstatSync(descriptor).size / LEAF_BYTES)
    ftruncateSync(descriptor, count * LEAF_BYTES)
    this.#count += count
  }

  #path(bucket: number): string {
    return join(this.#folder, `${bucket}.leaves`)
  }
}
