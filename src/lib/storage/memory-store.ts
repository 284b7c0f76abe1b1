/** The store in memory: for tests, simulations and programs that must leave no trace on disk. */
import { AivError, equal } from '../core/index.ts'
import { checkNotAborted } from './abort.ts'
import { SCAN_PAGE_ROWS } from './constants.ts'
import { boundsOf, checkBatch, checkKey, successorOf } from './range.ts'
import { checkSchema, checkStillCurrent, needsMigration, type StoredSchema } from './schema.ts'
import { SortedEntries } from './sorted-entries.ts'
import type {
  BatchConditions,
  KeyRange,
  ScanOptions,
  Store,
  StoreEntry,
  StoreOp,
  StoreSchema,
  VerifyReport,
} from './store.ts'

/**
 * What outlives a memory store, as a disk outlives a process. Opening the same volume again is a restart; stores
 * that are open on one volume at a time see each other, as two processes do.
 */
export class MemoryVolume {
  entries: SortedEntries = new SortedEntries()
  schema: StoredSchema | undefined
}

/**
 * Opens a store in memory.
 * @throws AivError `E_INPUT`, `E_STORE_SCHEMA`
 */
export async function openMemoryStore(schema: StoreSchema, volume = new MemoryVolume()): Promise<Store> {
  checkSchema(schema)
  volume.schema ??= { name: schema.name, version: schema.version }
  const { version } = volume.schema
  if (needsMigration(volume.schema, schema)) {
    const before = new MemoryStore(volume, version)
    const written: StoreOp[] = []
    await schema.migrate?.({
      from: version,
      get: (key) => before.get(key),
      scan: (options) => before.scan(options),
      write: async (ops) => {
        checkBatch(ops, {})
        written.push(...ops)
      },
    })
    for (const op of written) apply(volume.entries, op)
    volume.schema = { name: schema.name, version: schema.version }
  }
  return new MemoryStore(volume, schema.version)
}

function apply(entries: SortedEntries, op: StoreOp): void {
  // Copies, because callers may reuse their arrays once the promise has settled.
  if ('put' in op) entries.set(op.put.slice(), op.value.slice())
  else entries.delete(op.delete)
}

class MemoryStore implements Store {
  readonly #volume: MemoryVolume
  readonly #version: number
  #closed = false

  constructor(volume: MemoryVolume, version: number) {
    this.#volume = volume
    this.#version = version
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    checkKey(key)
    return this.#entries().get(key)?.slice()
  }

  async has(key: Uint8Array): Promise<boolean> {
    checkKey(key)
    return this.#entries().get(key) !== undefined
  }

  async batch(ops: readonly StoreOp[], conditions: BatchConditions = {}): Promise<boolean> {
    const entries = this.#entries()
    checkBatch(ops, conditions)
    for (const key of conditions.ifAbsent ?? []) if (entries.get(key) !== undefined) return false
    for (const { key, value } of conditions.ifEqual ?? []) {
      const present = entries.get(key)
      if (present === undefined || !equal(present, value)) return false
    }
    for (const op of ops) apply(entries, op)
    return true
  }

  async *scan(options: ScanOptions = {}): AsyncGenerator<StoreEntry> {
    let { from, to } = boundsOf(options)
    const reverse = options.reverse ?? false
    let left = options.limit ?? Number.POSITIVE_INFINITY
    while (left > 0) {
      checkNotAborted(options.signal)
      const page = this.#entries().slice({ from, to }, Math.min(left, SCAN_PAGE_ROWS), reverse)
      for (const { key, value } of page) yield { key: key.slice(), value: value.slice() }
      const last = page.at(-1)
      if (last === undefined || page.length < SCAN_PAGE_ROWS) return
      if (reverse) to = last.key
      else from = successorOf(last.key)
      left -= page.length
    }
  }

  async count(range: KeyRange = {}): Promise<number> {
    return this.#entries().count(boundsOf(range))
  }

  async deleteRange(range: KeyRange): Promise<number> {
    const entries = this.#entries()
    const doomed = entries.slice(boundsOf(range), Number.POSITIVE_INFINITY, false)
    for (const { key } of doomed) entries.delete(key)
    return doomed.length
  }

  async compact(): Promise<void> {
    this.#entries()
  }

  async verify(signal?: AbortSignal): Promise<VerifyReport> {
    checkNotAborted(signal)
    return { records: this.#entries().size, damaged: 0, damagedKeys: [], structure: [] }
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #entries(): SortedEntries {
    if (this.#closed) throw new AivError('E_STORE_CLOSED', 'the store is closed')
    checkStillCurrent(this.#volume.schema?.version, this.#version)
    return this.#volume.entries
  }
}
