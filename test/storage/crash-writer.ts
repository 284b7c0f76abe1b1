/**
 * The process that crash.test.ts kills. It writes batches of three records that carry one number, and reports each
 * number on stdout once the store has acknowledged it. Arguments: database path, first number.
 */
import { utf8 } from '../../src/lib/core/index.ts'
import { openStore } from '../../src/lib/storage/index.ts'

const [path, first] = process.argv.slice(2) as [string, string]
const store = await openStore({ path, schema: { name: 'crash', version: 1 }, durability: 'process' })
let next = Number(first)

async function writeForever(): Promise<never> {
  for (;;) {
    const number = next++
    // Large enough that the log is checkpointed many times in a run: a kill must be able to hit that too.
    const value = new Uint8Array(3000).fill(number)
    const key = String(number).padStart(9, '0')
    await store.batch(['a', 'b', 'c'].map((part) => ({ put: utf8(`${key}${part}`), value })))
    process.stdout.write(`${number}\n`)
  }
}

await Promise.all(Array.from({ length: 8 }, writeForever))
