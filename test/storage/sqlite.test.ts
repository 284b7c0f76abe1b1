import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openStore } from '../../src/lib/storage/index.ts'
import { type DamageableBackend, describeDamage, describeStore } from './compliance.ts'

async function sqliteBackend(): Promise<DamageableBackend> {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-store-'))
  const path = join(folder, 'store.db')
  return {
    open: (schema) => openStore({ path, schema }),
    damage: (key) => {
      const raw = new DatabaseSync(path)
      const value = raw.prepare('SELECT v FROM kv WHERE k = ?').get(key)?.v as Uint8Array
      value[0] = (value[0] as number) ^ 1
      raw.prepare('UPDATE kv SET v = ? WHERE k = ?').run(value, key)
      raw.close()
    },
    dispose: async () => rmSync(folder, { recursive: true }),
  }
}

describeStore('the SQLite store', sqliteBackend)
describeDamage('the SQLite store', sqliteBackend)
