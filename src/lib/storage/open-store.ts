/** The door to every backend. */
import { resolve } from 'node:path'
import { checkNotAborted } from './abort.ts'
import { openMemoryStore } from './memory-store.ts'
import { checkSchema } from './schema.ts'
import type { Durability } from './sqlite/database.ts'
import { openSqliteStore } from './sqlite/open.ts'
import type { Store, StoreSchema } from './store.ts'

export interface OpenStoreOptions {
  /** A file on a local disk, never on a network file system; or `:memory:`, gone when closed. */
  readonly path: string
  readonly schema: StoreSchema
  /** Default `power`. */
  readonly durability?: Durability
  /** Most bytes of the file, then writes fail with `E_STORE_FULL`; default: what the disk has. */
  readonly maxBytes?: number
  /** How long a write waits for another process's transaction before `E_STORE_BUSY`; default 10,000 ms. */
  readonly busyTimeoutMs?: number
  /** Gives up opening. */
  readonly signal?: AbortSignal
}

/**
 * Opens or creates a store, and migrates it where its schema is older. Several stores, also of several
 * processes, may share one file.
 * @throws AivError `E_STORE_SCHEMA`, `E_STORE_CORRUPT`, `E_STORE_BUSY`, `E_STORE_FULL`, `E_STORE`, `E_PERMISSION`,
 *   `E_INPUT`, `E_ABORTED`
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  checkNotAborted(options.signal)
  checkSchema(options.schema)
  if (options.path === ':memory:') return openMemoryStore(options.schema)
  return openSqliteStore({ ...options, path: resolve(options.path) })
}
