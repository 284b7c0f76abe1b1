/**
 * The one storage interface: an ordered key-value store with atomic batches and durable group commit. Keys sort
 * bytewise. Every backend passes the same compliance suite.
 *
 * Arrays handed to a store stay unchanged until the promise settles: the store reads them when their turn comes.
 */
import { AivError } from '../core/index.ts'

export type StoreOp =
  | { readonly put: Uint8Array; readonly value: Uint8Array }
  | { readonly delete: Uint8Array }

export interface StoreEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** Conditions are checked in the same transaction that applies the batch, also against other processes. */
export interface BatchConditions {
  /** Keys that must not exist: makes the batch an insert-if-absent. */
  readonly ifAbsent?: readonly Uint8Array[]
  /** Entries that must exist with exactly this value: compare-and-swap, or take-once together with a delete. */
  readonly ifEqual?: readonly StoreEntry[]
}

/** The keys that satisfy all of the given bounds; without any, all keys. */
export interface KeyRange {
  readonly prefix?: Uint8Array
  /** First key, included. */
  readonly from?: Uint8Array
  /** End, not included. */
  readonly to?: Uint8Array
}

export interface ScanOptions extends KeyRange {
  /** Most entries to deliver. */
  readonly limit?: number
  /** Descending order. */
  readonly reverse?: boolean
  readonly signal?: AbortSignal
}

export interface VerifyReport {
  /** Records walked, damaged ones included. */
  readonly records: number
  /** Records whose hash does not fit. */
  readonly damaged: number
  /** Keys of the first 1,000 of them. */
  readonly damagedKeys: readonly Uint8Array[]
  /** What the engine's own check says about its file; empty when it is sound. */
  readonly structure: readonly string[]
}

export interface Store {
  /** @throws StoreCorruptError when the record is damaged */
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  /** Whether the key exists; does not read the value. */
  has(key: Uint8Array): Promise<boolean>
  /**
   * Applies all operations in order or none. Resolves once they are durable: true when applied, false when a
   * condition did not hold.
   * @throws AivError `E_TOO_LARGE`, `E_INPUT`, `E_STORE_FULL`, `E_STORE_BUSY`: nothing was applied and the store goes
   *   on. `E_STORE` and others: the store takes no more writes, and whether this one survived shows after reopening
   */
  batch(ops: readonly StoreOp[], conditions?: BatchConditions): Promise<boolean>
  /**
   * Entries in key order. Long scans read page by page: an entry that exists all the while is delivered once,
   * one that comes or goes meanwhile may or may not be. Ends with StoreCorruptError at a damaged record.
   */
  scan(options?: ScanOptions): AsyncIterable<StoreEntry>
  /** Number of keys in the range; walks it. */
  count(range?: KeyRange): Promise<number>
  /** Durably deletes every key of the range, atomically; resolves to their number. */
  deleteRange(range: KeyRange): Promise<number>
  /** Gives free space back to the file system. Writers wait meanwhile. */
  compact(): Promise<void>
  /** Walks every record and the structure of the file. Neither readers nor writers wait. */
  verify(signal?: AbortSignal): Promise<VerifyReport>
  /** Waits for what is queued, then releases everything. Later calls fail with `E_STORE_CLOSED`. */
  close(): Promise<void>
}

/** What a schema migration may do. It is one transaction: a crash or a throw leaves the old state. */
export interface Migration {
  /** Schema version found in the store, lower than the one asked for. */
  readonly from: number
  /** Reads see the state before the migration. */
  get(key: Uint8Array): Promise<Uint8Array | undefined>
  scan(options?: ScanOptions): AsyncIterable<StoreEntry>
  write(ops: readonly StoreOp[]): Promise<void>
}

export interface StoreSchema {
  /** Names the content, such as `htx.replay`; 1..64 bytes. A store of another name is refused. */
  readonly name: string
  /** 1..2^31-1. */
  readonly version: number
  /** Brings an older store to `version`. Without it an older store is refused. */
  readonly migrate?: (migration: Migration) => Promise<void>
}

/** A record whose hash does not fit: torn, altered or moved. */
export class StoreCorruptError extends AivError {
  readonly key: Uint8Array

  constructor(key: Uint8Array, keyText: string) {
    super('E_STORE_CORRUPT', `the record of key ${keyText} is damaged`, {
      hint: 'Restore it from a copy or from a peer, or delete the key.',
    })
    this.name = 'StoreCorruptError'
    this.key = key
  }
}
