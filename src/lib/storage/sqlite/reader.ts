/** Reads of a SQLite store. Each value is checked against its hash before anybody sees it. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { AivError, equal, toHex } from '../../core/index.ts'
import { checkNotAborted } from '../abort.ts'
import { SCAN_PAGE_BYTES, SCAN_PAGE_ROWS } from '../constants.ts'
import { type Bounds, boundsOf, successorOf } from '../range.ts'
import { checkStillCurrent } from '../schema.ts'
import { type ScanOptions, StoreCorruptError, type StoreEntry } from '../store.ts'
import { openReader } from './database.ts'
import { storeError } from './errors.ts'
import { RecordHasher } from './record-hash.ts'

export interface PageLimits {
  readonly rows: number
  /** The page ends once its keys and values have this many bytes. */
  readonly bytes: number
}

export interface Page {
  readonly entries: readonly StoreEntry[]
  /** False when the range has nothing more after these. */
  readonly more: boolean
  /** The damaged record that ended the page early. */
  readonly damaged: StoreCorruptError | undefined
}

export class SqliteReader {
  readonly #database: DatabaseSync
  readonly #hasher: RecordHasher
  readonly #get: StatementSync
  readonly #has: StatementSync
  readonly #version: StatementSync
  /** Schema version that every read insists on; undefined while there is no opinion. */
  expectedVersion: number | undefined
  readonly #pages = new Map<string, StatementSync>()

  /** @param name the schema name, which every record hash covers */
  constructor(path: string, name: string) {
    this.#hasher = new RecordHasher(name)
    try {
      this.#database = openReader(path)
      this.#get = this.#database.prepare('SELECT v, h FROM kv WHERE k = ?')
      this.#has = this.#database.prepare('SELECT 1 FROM kv WHERE k = ?')
      this.#version = this.#database.prepare('SELECT version FROM meta')
    } catch (error) {
      throw storeError(error, `cannot open the store ${path}`)
    }
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#reading(() => {
      const row = this.#get.get(key)
      return row === undefined ? undefined : this.#checked(key, row.v, row.h)
    })
  }

  has(key: Uint8Array): boolean {
    return this.#reading(() => this.#has.get(key) !== undefined)
  }

  count({ from, to }: Bounds): number {
    return this.#reading(() => {
      const statement = this.#database.prepare(`SELECT count(*) AS n FROM kv WHERE ${where(to)}`)
      return Number(statement.get(...parameters(from, to))?.n)
    })
  }

  /** One page of the range, from its low end, or from its high end when `reverse`. */
  page({ from, to }: Bounds, reverse: boolean, limits: PageLimits): Page {
    return this.#reading(() => {
      const statement = this.#pageStatement(to, reverse)
      const entries: StoreEntry[] = []
      let bytes = 0
      for (const row of statement.iterate(...parameters(from, to))) {
        if (entries.length >= limits.rows || bytes >= limits.bytes)
          return { entries, more: true, damaged: undefined }
        const key = row.k as Uint8Array
        try {
          const value = this.#checked(key, row.v, row.h)
          entries.push({ key, value })
          bytes += key.length + value.length
        } catch (error) {
          if (error instanceof StoreCorruptError) return { entries, more: true, damaged: error }
          throw error
        }
      }
      return { entries, more: false, damaged: undefined }
    })
  }

  /** What SQLite's own check of pages and trees finds; empty when sound. */
  structure(): string[] {
    return this.#reading(() => {
      const rows = this.#database.prepare('PRAGMA integrity_check(100)').all()
      return rows.map((row) => String(row.integrity_check)).filter((line) => line !== 'ok')
    })
  }

  close(): void {
    this.#database.close()
  }

  /** @throws StoreCorruptError */
  #checked(key: Uint8Array, value: unknown, hash: unknown): Uint8Array {
    if (value instanceof Uint8Array && hash instanceof Uint8Array)
      if (equal(this.#hasher.hash(key, value), hash)) return value
    throw new StoreCorruptError(key, toHex(key))
  }

  #pageStatement(to: Uint8Array | undefined, reverse: boolean): StatementSync {
    const sql = `SELECT k, v, h FROM kv WHERE ${where(to)} ORDER BY k ${reverse ? 'DESC' : 'ASC'}`
    let statement = this.#pages.get(sql)
    if (statement === undefined) {
      statement = this.#database.prepare(sql)
      this.#pages.set(sql, statement)
    }
    return statement
  }

  #reading<T>(work: () => T): T {
    try {
      const result = work()
      // After the read: a version that still fits now did so when the read was made.
      if (this.expectedVersion !== undefined)
        checkStillCurrent(Number(this.#version.get()?.version), this.expectedVersion)
      return result
    } catch (error) {
      throw error instanceof AivError ? error : storeError(error, 'cannot read the store')
    }
  }
}

function where(to: Uint8Array | undefined): string {
  return to === undefined ? 'k >= ?' : 'k >= ? AND k < ?'
}

function parameters(from: Uint8Array, to: Uint8Array | undefined): Uint8Array[] {
  return to === undefined ? [from] : [from, to]
}

/**
 * The entries of a range, page by page.
 * @param beforePage throws when reading must stop, such as after the store has closed
 */
export async function* scanPages(
  reader: SqliteReader,
  options: ScanOptions = {},
  beforePage?: () => void,
): AsyncGenerator<StoreEntry> {
  let { from, to } = boundsOf(options)
  const reverse = options.reverse ?? false
  let left = options.limit ?? Number.POSITIVE_INFINITY
  while (left > 0) {
    checkNotAborted(options.signal)
    beforePage?.()
    const limits = { rows: Math.min(left, SCAN_PAGE_ROWS), bytes: SCAN_PAGE_BYTES }
    const page = reader.page({ from, to }, reverse, limits)
    yield* page.entries
    if (page.damaged !== undefined) throw page.damaged
    const last = page.entries.at(-1)
    if (!page.more || last === undefined) return
    if (reverse) to = last.key
    else from = successorOf(last.key)
    left -= page.entries.length
    // Pages are read synchronously: without this a long scan would hold up every socket and timer.
    await nextTurn()
  }
}
