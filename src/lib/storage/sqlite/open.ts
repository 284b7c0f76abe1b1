/** Starting a SQLite store: writer thread, reader, migration. */
import { checkNotAborted } from '../abort.ts'
import { BUSY_TIMEOUT_MS } from '../constants.ts'
import { checkBatch, checkKey } from '../range.ts'
import { needsMigration, type StoredSchema } from '../schema.ts'
import type { Store, StoreSchema } from '../store.ts'
import type { Durability } from './database.ts'
import { encodeGroup } from './group-codec.ts'
import { SqliteReader, scanPages } from './reader.ts'
import { SqliteStore } from './sqlite-store.ts'
import { StorageThread } from './thread.ts'

export interface OpenSqliteOptions {
  /** Absolute. */
  readonly path: string
  readonly schema: StoreSchema
  readonly durability?: Durability
  readonly maxBytes?: number
  readonly busyTimeoutMs?: number
  readonly signal?: AbortSignal
}

/** The checked half of `openStore`. */
export async function openSqliteStore(options: OpenSqliteOptions): Promise<Store> {
  const { path, schema, signal } = options
  const { thread, value } = await StorageThread.start(
    {
      role: 'writer',
      settings: {
        path,
        durability: options.durability ?? 'power',
        maxBytes: options.maxBytes ?? 0,
        busyTimeoutMs: options.busyTimeoutMs ?? BUSY_TIMEOUT_MS,
      },
      schema: { name: schema.name, version: schema.version },
    },
    signal,
  )
  let reader: SqliteReader | undefined
  try {
    reader = new SqliteReader(path, schema.name)
    if (needsMigration(value as StoredSchema, schema)) await migrate(thread, reader, schema)
    checkNotAborted(signal)
    reader.expectedVersion = schema.version
    return new SqliteStore({ path, name: schema.name, reader, writer: thread })
  } catch (error) {
    reader?.close()
    await thread.end()
    throw error
  }
}

async function migrate(thread: StorageThread, reader: SqliteReader, schema: StoreSchema): Promise<void> {
  const found = (await thread.request({ kind: 'beginMigration' })) as StoredSchema
  try {
    // Another process may have migrated between opening and taking the lock.
    if (!needsMigration(found, schema)) {
      await thread.request({ kind: 'abortMigration' })
      return
    }
    await schema.migrate?.({
      from: found.version,
      get: async (key) => {
        checkKey(key)
        return reader.get(key)
      },
      scan: (scan) => scanPages(reader, scan),
      write: async (ops) => {
        const bytes = checkBatch(ops, {})
        await thread.request({ kind: 'writeMigration', group: encodeGroup([{ ops, conditions: {}, bytes }]) })
      },
    })
    await thread.request({ kind: 'commitMigration', version: schema.version })
  } catch (error) {
    if (thread.failure === undefined) await thread.request({ kind: 'abortMigration' })
    throw error
  }
}
