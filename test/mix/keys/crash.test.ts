import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'

const NODE = fileURLToPath(new URL('./crash-node.ts', import.meta.url))
const ROUNDS = 6

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aiv-crash-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Runs the node, kills it `delayMs` after it first forwarded something, and returns all that it forwarded. */
async function runAndKill(place: string, seed: number, mode: string, delayMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [NODE, place, String(seed), mode], {
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
  // The last piece is empty or a line that the kill cut off.
  return Buffer.concat(chunks).toString().split('\n').slice(0, -1)
}

async function forwardedOverRounds(mode: string): Promise<string[]> {
  const random = new SeededRandom(7)
  const forwarded: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const lines = await runAndKill(join(folder, mode), round, mode, 5 + random.below(60))
    expect(lines.filter((line) => line.startsWith('lost'))).toEqual([])
    expect(lines.length).toBeGreaterThan(0)
    forwarded.push(...lines)
  }
  return forwarded
}

it('a node killed at any moment forwards no packet a second time, and gives up no key for it', async () => {
  const forwarded = await forwardedOverRounds('durable')
  expect(forwarded.length).toBe(new Set(forwarded).size)
  expect(forwarded.length).toBeGreaterThan(100)
})

it('a node that forwards before its replay log is written does, so the test can tell', async () => {
  const forwarded = await forwardedOverRounds('early')
  expect(new Set(forwarded).size).toBeLessThan(forwarded.length)
})
