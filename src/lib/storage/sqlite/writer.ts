/** Applies groups of batches on the writing connection. Runs in the writer thread; every call is synchronous. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { AivError, equal } from '../../core/index.ts'
import type { Bounds } from '../range.ts'
import { checkStillCurrent, type StoredSchema } from '../schema.ts'
import {
  type FileIdentity,
  fileIdentity,
  openWriter,
  readSchema,
  type WriterSettings,
  walPath,
} from './database.ts'
import { storeError } from './errors.ts'
import { ABSENT, decodeGroup, type GroupBatch, type GroupItem, PUT } from './group-codec.ts'
import { RecordHasher } from './record-hash.ts'

/** What became of one batch. */
export type BatchOutcome = boolean | AivError

export class SqliteWriter {
  readonly #database: DatabaseSync
  readonly #path: string
  readonly #hasher: RecordHasher
  readonly #has: StatementSync
  readonly #get: StatementSync
  readonly #put: StatementSync
  readonly #delete: StatementSync
  readonly #version: StatementSync
  readonly #file: FileIdentity | undefined
  readonly #wal: FileIdentity | undefined
  #opened: StoredSchema

  /** @throws AivError as `openWriter` */
  constructor(settings: WriterSettings, schema: StoredSchema) {
    this.#path = settings.path
    this.#hasher = new RecordHasher(schema.name)
    this.#database = openWriter(settings, schema)
    this.#opened = readSchema(this.#database)
    this.#has = this.#database.prepare('SELECT 1 FROM kv WHERE k = ?')
    this.#get = this.#database.prepare('SELECT v FROM kv WHERE k = ?')
    this.#put = this.#database.prepare(
      'INSERT INTO kv (k, v, h) VALUES (?, ?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v, h = excluded.h',
    )
    this.#delete = this.#database.prepare('DELETE FROM kv WHERE k = ?')
    this.#version = this.#database.prepare('SELECT version FROM meta')
    this.#file = fileIdentity(this.#path)
    this.#wal = fileIdentity(walPath(this.#path))
  }

  /** The schema the file had when it was opened or last migrated by this writer. */
  get schema(): StoredSchema {
    return this.#opened
  }

  /** Applies an encoded group in one transaction and answers for each batch; throws only what is fatal. */
  applyGroup(group: Uint8Array): BatchOutcome[] {
    const batches = decodeGroup(group)
    try {
      return this.#transaction(() => batches.map((batch) => this.#applyBatch(batch)))
    } catch (error) {
      const failure = storeError(error, 'cannot write to the store')
      if (failure.code === 'E_STORE_BUSY') return batches.map(() => failure)
      if (failure.code !== 'E_STORE_FULL') throw failure
    }
    // One batch may be too large for what is left while the others still fit.
    return batches.map((batch) => this.#applyAlone(batch))
  }

  /** Deletes `from <= key < to` in one transaction; returns the number of records. */
  deleteRange({ from, to }: Bounds): number {
    return this.#transaction(() => {
      const upper = to === undefined ? '' : ' AND k < ?'
      const statement = this.#database.prepare(`DELETE FROM kv WHERE k >= ?${upper}`)
      return Number(statement.run(...(to === undefined ? [from] : [from, to])).changes)
    })
  }

  compact(): void {
    this.#database.exec('PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)')
  }

  /** Takes the write lock until `commitMigration` or `abortMigration`, so that two processes never both migrate. */
  beginMigration(): StoredSchema {
    this.#database.exec('BEGIN IMMEDIATE')
    this.#opened = readSchema(this.#database)
    return this.#opened
  }

  writeMigration(group: Uint8Array): void {
    for (const batch of decodeGroup(group)) this.#applyBatch(batch)
  }

  commitMigration(version: number): void {
    this.#database.prepare('UPDATE meta SET version = ?').run(version)
    this.#database.exec('COMMIT')
    this.#opened = { name: this.#opened.name, version }
    this.#checkFiles()
  }

  abortMigration(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
  }

  close(): void {
    this.#database.close()
  }

  #applyAlone(batch: GroupBatch): BatchOutcome {
    try {
      return this.#transaction(() => this.#applyBatch(batch))
    } catch (error) {
      const failure = storeError(error, 'cannot write to the store')
      if (failure.code === 'E_STORE_FULL' || failure.code === 'E_STORE_BUSY') return failure
      throw failure
    }
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      checkStillCurrent(Number(this.#version.get()?.version), this.#opened.version)
      const result = work()
      this.#database.exec('COMMIT')
      this.#checkFiles()
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #applyBatch({ conditions, ops }: GroupBatch): boolean {
    if (!conditions.every((condition) => this.#holds(condition))) return false
    for (const { tag, key, value } of ops) {
      if (tag === PUT) this.#put.run(key, value, this.#hasher.hash(key, value))
      else this.#delete.run(key)
    }
    return true
  }

  #holds({ tag, key, value }: GroupItem): boolean {
    if (tag === ABSENT) return this.#has.get(key) === undefined
    const present = this.#get.get(key)?.v
    return present instanceof Uint8Array && equal(present, value)
  }

  /**
   * SQLite goes on writing to files that were deleted or replaced under it. Such a commit is in no file that the
   * next start would find, so it must not be acknowledged.
   */
  #checkFiles(): void {
    if (
      !isSame(this.#file, fileIdentity(this.#path)) ||
      !isSame(this.#wal, fileIdentity(walPath(this.#path)))
    )
      throw new AivError('E_STORE', 'the file of the store was deleted or replaced while it was open', {
        hint: 'Put it back from a copy and start again.',
      })
  }
}

function isSame(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  return a !== undefined && b !== undefined && a.device === b.device && a.inode === b.inode
}
