/** The rules of schema names and versions, the same for every backend. */
import { AivError, utf8 } from '../core/index.ts'
import type { StoreSchema } from './store.ts'

const MAX_VERSION = 0x7fffffff

export interface StoredSchema {
  readonly name: string
  readonly version: number
}

/** @throws AivError `E_INPUT` */
export function checkSchema(schema: StoreSchema): void {
  const length = utf8(schema.name).length
  if (length === 0 || length > 64)
    throw new AivError('E_INPUT', 'the name of a store schema has 1 to 64 bytes')
  if (!Number.isInteger(schema.version) || schema.version < 1 || schema.version > MAX_VERSION)
    throw new AivError('E_INPUT', 'the version of a store schema is a positive integer')
}

/**
 * Whether a store as found must be migrated before use.
 * @throws AivError `E_STORE_SCHEMA` when it is another store, newer than this program, or too old to migrate
 */
export function needsMigration(found: StoredSchema, wanted: StoreSchema): boolean {
  if (found.name !== wanted.name)
    throw new AivError('E_STORE_SCHEMA', `the store holds "${found.name}", not "${wanted.name}"`)
  if (found.version > wanted.version)
    throw new AivError(
      'E_STORE_SCHEMA',
      `the store has schema version ${found.version}; this program knows ${wanted.version}`,
      { hint: 'Use the newer program that wrote it.' },
    )
  if (found.version === wanted.version) return false
  if (wanted.migrate === undefined)
    throw new AivError(
      'E_STORE_SCHEMA',
      `the store has schema version ${found.version}, which this program no longer reads`,
    )
  return true
}

/**
 * Guards an open store against a newer program that migrated it meanwhile.
 * @throws AivError `E_STORE_SCHEMA`
 */
export function checkStillCurrent(found: number | undefined, opened: number): void {
  if (found !== opened)
    throw new AivError(
      'E_STORE_SCHEMA',
      `the store was migrated to schema version ${found} by another program`,
      {
        hint: 'Open it again with the newer program.',
      },
    )
}
