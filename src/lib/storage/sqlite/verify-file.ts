/** The walk behind `Store.verify`, on a connection of its own. */
import { AivError } from '../../core/index.ts'
import { MAX_REPORTED_KEYS } from '../constants.ts'
import { successorOf } from '../range.ts'
import type { VerifyReport } from '../store.ts'
import { SqliteReader } from './reader.ts'

const PAGE = { rows: 4096, bytes: 4 * 1_048_576 }

/**
 * Checks the hash of every record and the structure of the file.
 * @param stopped asked between two pages
 * @throws AivError `E_ABORTED` when stopped
 */
export function verifyFile(path: string, name: string, stopped: () => boolean): VerifyReport {
  const reader = new SqliteReader(path, name)
  try {
    const damagedKeys: Uint8Array[] = []
    let records = 0
    let damaged = 0
    let from: Uint8Array = new Uint8Array(0)
    for (;;) {
      if (stopped()) throw new AivError('E_ABORTED', 'given up')
      const page = reader.page({ from, to: undefined }, false, PAGE)
      records += page.entries.length
      const last = page.entries.at(-1)
      if (last !== undefined) from = successorOf(last.key)
      if (page.damaged !== undefined) {
        records++
        damaged++
        if (damagedKeys.length < MAX_REPORTED_KEYS) damagedKeys.push(page.damaged.key)
        from = successorOf(page.damaged.key)
      }
      if (!page.more) return { records, damaged, damagedKeys, structure: reader.structure() }
    }
  } finally {
    reader.close()
  }
}
