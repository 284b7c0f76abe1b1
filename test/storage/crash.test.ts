import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SeededRandom } from '../../src/lib/core/index.ts'
import { openStore } from '../../src/lib/storage/index.ts'

const WRITER = fileURLToPath(new URL('./crash-writer.ts', import.meta.url))
const ROUNDS = 16
/** For a machine that is busy with other tests; an idle one needs a tenth. */
const TIMEOUT_MS = 120_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aiv-crash-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the writer and kills it `delayMs` after its first acknowledgement; returns what it had acknowledged. */
async function runAndKill(path: string, first: number, delayMs: number): Promise<number[]> {
  const child = spawn(process.execPath, [WRITER, path, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  const closed = once(child, 'close')
  await Promise.race([once(child.stdout, 'data'), closed])
  const timer = setTimeout(() => child.kill('SIGKILL'), delayMs)
  const [, signal] = await closed
  clearTimeout(timer)
  expect(signal).toBe('SIGKILL')
  const lines = Buffer.concat(chunks).toString().split('\n')
  // The last piece is empty or a line that the kill cut off.
  return lines.slice(0, -1).map(Number)
}

it(
  'a process killed at any point loses no acknowledged batch and leaves none torn',
  async () => {
    const path = join(folder, 'store.db')
    const random = new SeededRandom(20_261_122)
    let next = 0
    for (let round = 0; round < ROUNDS; round++) {
      const acknowledged = await runAndKill(path, next, random.below(200))
      const store = await openStore({ path, schema: { name: 'crash', version: 1 } })
      const parts = new Map<number, string>()
      for await (const { key, value } of store.scan()) {
        const text = new TextDecoder().decode(key)
        const number = Number(text.slice(0, 9))
        parts.set(number, (parts.get(number) ?? '') + text.slice(9))
        expect(value[0]).toBe(number & 0xff)
      }
      const torn = [...parts].filter(([, found]) => found !== 'abc')
      const lost = acknowledged.filter((number) => !parts.has(number))
      expect({ round, torn, lost }).toEqual({ round, torn: [], lost: [] })
      expect(acknowledged.length).toBeGreaterThan(0)
      next = Math.max(...parts.keys()) + 1
      // Every third round's records stay, so that kills hit growing files as well as reused pages.
      if (round % 3 !== 0) await store.deleteRange({})
      else expect(await store.verify()).toMatchObject({ damaged: 0, structure: [] })
      await store.close()
    }
  },
  TIMEOUT_MS,
)
