/** Opening the SQLite file of a store: permissions, settings, table layout and schema record. */
import { accessSync, closeSync, constants, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { AivError } from '../../core/index.ts'
import {
  APPLICATION_ID,
  CHECKPOINT_PAGES,
  LAYOUT_VERSION,
  PAGE_BYTES,
  READ_BUSY_TIMEOUT_MS,
} from '../constants.ts'
import type { StoredSchema } from '../schema.ts'
import { storeError } from './errors.ts'

/**
 * `power`: an acknowledged write survives a power failure (fsync before each acknowledgement). `process`: it
 * survives the death of the process only; many times faster for single writes.
 */
export type Durability = 'power' | 'process'

export interface WriterSettings {
  readonly path: string
  readonly durability: Durability
  /** Most bytes the database file may take; 0 means no limit but the disk's. */
  readonly maxBytes: number
  /** Wait for another process's transaction, in milliseconds. */
  readonly busyTimeoutMs: number
}

/** Opening retries while another process changes the journal mode; SQLite's own busy wait does not cover that. */
const OPEN_ATTEMPTS = 100
const OPEN_RETRY_MS = 50

/**
 * Makes the file (0600) and its folders (0700) where they are missing. Never opens a file that exists: closing
 * any descriptor of it would drop the locks that another connection of this process holds (POSIX advisory locks).
 */
function createFile(path: string): void {
  const folder = dirname(path)
  const firstMade = mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (firstMade !== undefined) syncFolder(dirname(firstMade))
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return
    throw error
  }
}

/** A new folder survives a power failure only after its parent has been synced. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const fd = openSync(folder, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * Opens the writing connection; a new file gets the tables and the schema record.
 * @throws AivError `E_STORE`, `E_STORE_BUSY`, `E_STORE_CORRUPT`, `E_STORE_SCHEMA`, `E_PERMISSION`
 */
export function openWriter(settings: WriterSettings, schema: StoredSchema): DatabaseSync {
  createFile(settings.path)
  // SQLite would fall back to reading only, or say no more than "unable to open".
  accessSync(settings.path, constants.R_OK | constants.W_OK)
  accessSync(dirname(settings.path), constants.W_OK)
  const database = new DatabaseSync(settings.path, { timeout: settings.busyTimeoutMs })
  try {
    refuseForeignFile(database)
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`)
    enterWalMode(database)
    applySettings(database, settings)
    createLayout(database, schema)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** Opens a connection that cannot write; the file must exist. */
export function openReader(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: true, timeout: READ_BUSY_TIMEOUT_MS })
  database.exec('PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON')
  return database
}

export function readSchema(database: DatabaseSync): StoredSchema {
  const row = database.prepare('SELECT name, version FROM meta').get()
  if (typeof row?.name !== 'string' || typeof row.version !== 'number')
    throw new AivError('E_STORE_CORRUPT', 'the store has lost its schema record')
  return { name: row.name, version: row.version }
}

function pragma(database: DatabaseSync, name: string): unknown {
  return database.prepare(`PRAGMA ${name}`).get()?.[name]
}

function refuseForeignFile(database: DatabaseSync): void {
  const applicationId = pragma(database, 'application_id')
  const layout = pragma(database, 'user_version')
  if (applicationId === APPLICATION_ID) {
    if (layout !== LAYOUT_VERSION)
      throw new AivError(
        'E_STORE_SCHEMA',
        `the store has table layout ${layout}; this program knows ${LAYOUT_VERSION}`,
      )
    return
  }
  const tables = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.n
  if (applicationId !== 0 || tables !== 0)
    throw new AivError('E_STORE_SCHEMA', 'the file is a SQLite database of another program')
}

function enterWalMode(database: DatabaseSync): void {
  for (let attempt = 1; ; attempt++) {
    try {
      if (pragma(database, 'journal_mode') === 'wal') return
      database.exec('PRAGMA journal_mode = WAL')
      if (pragma(database, 'journal_mode') === 'wal') return
      throw new AivError('E_STORE', 'this file system does not support write-ahead logging')
    } catch (error) {
      if (attempt >= OPEN_ATTEMPTS || storeError(error, '').code !== 'E_STORE_BUSY') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, OPEN_RETRY_MS)
    }
  }
}

function applySettings(database: DatabaseSync, settings: WriterSettings): void {
  const level = settings.durability === 'power' ? 2 : 1 // FULL syncs the log at each commit, NORMAL at checkpoints
  database.exec(
    [
      `PRAGMA synchronous = ${level}`,
      // On macOS fsync leaves data in the drive's cache; these two ask for F_FULLFSYNC. No effect elsewhere.
      `PRAGMA fullfsync = ${level === 2 ? 1 : 0}`,
      `PRAGMA checkpoint_fullfsync = ${level === 2 ? 1 : 0}`,
      // Deleted content is overwritten where the page is written anyway: single-use secrets do not linger.
      'PRAGMA secure_delete = FAST',
      'PRAGMA cell_size_check = ON',
      'PRAGMA trusted_schema = OFF',
      // Fewer checkpoints: pages that many transactions touch are copied back once.
      `PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`,
      `PRAGMA journal_size_limit = ${CHECKPOINT_PAGES * PAGE_BYTES}`,
    ].join(';'),
  )
  if (pragma(database, 'synchronous') !== level)
    throw new AivError('E_STORE', 'SQLite did not accept the durability setting')
  if (settings.maxBytes > 0)
    database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(settings.maxBytes / PAGE_BYTES))}`)
}

function createLayout(database: DatabaseSync, schema: StoredSchema): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    if (pragma(database, 'application_id') !== APPLICATION_ID) {
      // WITHOUT ROWID: one tree ordered by key. BLOB keys compare bytewise, so ranges are `k >= ? AND k < ?`.
      database.exec(`
        CREATE TABLE kv (k BLOB PRIMARY KEY NOT NULL, v BLOB NOT NULL, h BLOB NOT NULL) STRICT, WITHOUT ROWID;
        CREATE TABLE meta (name TEXT NOT NULL, version INTEGER NOT NULL) STRICT;
        PRAGMA user_version = ${LAYOUT_VERSION};
        PRAGMA application_id = ${APPLICATION_ID};`)
      database.prepare('INSERT INTO meta (name, version) VALUES (?, ?)').run(schema.name, schema.version)
    }
    database.exec('COMMIT')
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

/** Which file a path leads to; a store must notice when its file has been deleted or replaced under it. */
export interface FileIdentity {
  readonly device: bigint
  readonly inode: bigint
}

export function fileIdentity(path: string): FileIdentity | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false })
  return stat === undefined ? undefined : { device: stat.dev, inode: stat.ino }
}

/** The write-ahead log beside a database file. */
export function walPath(path: string): string {
  return `${path}-wal`
}
