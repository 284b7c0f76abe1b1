import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import {
  createReplayLog,
  type LogVerdict,
  ReplayFilter,
  ReplayLog,
  type ReplayLogKey,
  type ReplayLogOptions,
  readReplayLog,
} from '../../../src/lib/mix/replay/index.ts'
import { tagBlock, tagOf } from './tags.ts'

const KEY: ReplayLogKey = { epoch: 1_495_000, publicKey: new Uint8Array(32).fill(9) }
const SECRET = new Uint8Array(16).fill(5)

let folder: string
let files = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aiv-replay-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function newPath(): string {
  return join(folder, `${files++}.tags`)
}

function filterOf(workers = 1, journalTags = 1024): ReplayFilter {
  return new ReplayFilter({ bytes: 131_072, secret: SECRET, workers, journalTags })
}

function startLog(
  filter: ReplayFilter,
  options?: ReplayLogOptions,
): { readonly log: ReplayLog; readonly path: string } {
  const path = newPath()
  createReplayLog(path, KEY)
  return { log: new ReplayLog(path, KEY, filter, undefined, options), path }
}

/** Waits for the disk; nobody tells. */
async function durable(filter: ReplayFilter, ticket: number): Promise<void> {
  await vi.waitFor(() => expect(filter.isDurable(0, ticket)).toBe(true), { interval: 1, timeout: 10_000 })
}

/** A filter as a restarted process has it, and what the log said. */
async function restart(
  path: string,
  key = KEY,
): Promise<{ readonly filter: ReplayFilter; readonly verdict: LogVerdict }> {
  const filter = filterOf()
  const verdict = await readReplayLog(path, key, (low, high) => filter.restore(low, high))
  return { filter, verdict }
}

/** A log of several commits with a tag or two each, with the sizes that the file had after each of them. */
async function smallLog(): Promise<{ readonly path: string; readonly sizes: number[] }> {
  const filter = filterOf()
  const { log, path } = startLog(filter, { durability: 'process' })
  const tags = tagBlock(11, 6)
  const sizes = [statSync(path).size]
  for (let i = 0; i < 6; i += 2) {
    filter.insert(tagOf(tags, i))
    filter.insert(tagOf(tags, i + 1))
    await log.commit()
    sizes.push(statSync(path).size)
  }
  await log.close()
  return { path, sizes }
}

describe.each(['power', 'process'] as const)('a replay log that survives the %s', (durability) => {
  it('makes tags durable in the order of their tickets, and not before a commit', async () => {
    const filter = filterOf()
    const { log } = startLog(filter, { durability, commitEveryMs: 0 })
    const tags = tagBlock(1, 2)
    filter.insert(tagOf(tags, 0))
    const first = filter.ticket
    expect(filter.isDurable(0, first)).toBe(false)
    await log.commit()
    filter.insert(tagOf(tags, 1))
    expect(filter.isDurable(0, first)).toBe(true)
    expect(filter.isDurable(0, filter.ticket)).toBe(false)
    log.poke(1)
    await log.commit()
    expect(filter.isDurable(0, filter.ticket)).toBe(true)
    await log.close()
  })

  it('knows every tag of every worker after a restart, and goes on', async () => {
    const first = filterOf(3)
    const workers = [0, 1, 2].map((worker) => ReplayFilter.attach(first.share(), worker))
    const { log, path } = startLog(first, { durability })
    const tags = tagBlock(2, 900)
    for (let i = 0; i < 900; i++) {
      expect((workers[i % 3] as ReplayFilter).insert(tagOf(tags, i))).toBe('new')
      if (i % 100 === 0) await log.commit()
    }
    await log.close()

    const { filter: second, verdict } = await restart(path)
    if (verdict.state !== 'whole') throw new Error(verdict.why)
    expect(verdict.tags).toBe(900)
    for (let i = 0; i < 900; i++) expect(second.insert(tagOf(tags, i))).toBe('seen')
    const later = tagBlock(3, 1)
    const next = new ReplayLog(path, KEY, second, verdict.end, { durability })
    expect(second.insert(later)).toBe('new')
    await next.close()

    expect((await restart(path)).filter.insert(later)).toBe('seen')
  })
})

describe('a replay log', () => {
  it('refuses tags, and forgets none, while the disk is behind', async () => {
    const filter = filterOf(1, 16)
    const { log } = startLog(filter)
    const tags = tagBlock(4, 40)
    for (let i = 0; i < 16; i++) expect(filter.insert(tagOf(tags, i))).toBe('new')
    expect(filter.insert(tagOf(tags, 16))).toBe('behind')
    expect(filter.insert(tagOf(tags, 0))).toBe('seen')
    await log.commit()
    for (let i = 16; i < 32; i++) expect(filter.insert(tagOf(tags, i))).toBe('new')
    await log.close()
  })

  it('waits between commits for as long as it was told, and needs no second call', async () => {
    const clock = new ManualClock()
    const filter = filterOf()
    const { log } = startLog(filter, { commitEveryMs: 5, clock })
    const tags = tagBlock(5, 2)
    filter.insert(tagOf(tags, 0))
    log.poke(clock.now())
    await durable(filter, filter.ticket)
    filter.insert(tagOf(tags, 1))
    clock.advance(1)
    log.poke(clock.now())
    expect(clock.nextTimerAt()).toBe(5)
    clock.advance(3.9)
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(filter.isDurable(0, filter.ticket)).toBe(false)
    clock.advance(0.1)
    await durable(filter, filter.ticket)
    await log.close()
    expect(clock.nextTimerAt()).toBeUndefined()
  })

  it('writes more tags than a block holds', async () => {
    const filter = new ReplayFilter({ bytes: 2 ** 20, secret: SECRET, journalTags: 32_768 })
    const { log, path } = startLog(filter)
    const tags = tagBlock(6, 20_000)
    for (let i = 0; i < 20_000; i++) filter.insert(tagOf(tags, i))
    await log.close()
    let count = 0
    const verdict = await readReplayLog(path, KEY, () => ++count > 0)
    expect(verdict).toMatchObject({ state: 'whole', tags: count })
    expect(count).toBe(filter.count)
  })

  it('holds nothing but 8 bytes a tag, and no part of a tag', async () => {
    const filter = filterOf()
    const { log, path } = startLog(filter)
    const tags = tagBlock(7, 500)
    for (let i = 0; i < 500; i++) filter.insert(tagOf(tags, i))
    await log.close()
    const content = readFileSync(path)
    expect(content.length).toBe(64 + 16 + 8 * 500)
    for (let i = 0; i < 500; i++) expect(content.includes(tagOf(tags, i).subarray(0, 8))).toBe(false)
  })

  it('cut off at any byte keeps the tags of the commits before it', async () => {
    const { path, sizes } = await smallLog()
    const whole = readFileSync(path)
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length))
      const { verdict } = await restart(path)
      const commits = sizes.filter((size) => size <= length).length - 1
      if (commits < 0) expect(verdict).toEqual({ state: 'lost', why: 'damaged' })
      else expect(verdict).toEqual({ state: 'whole', tags: 2 * commits, end: sizes[commits] })
    }
  })

  it('is given up when any bit of it is wrong', async () => {
    const { path } = await smallLog()
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at++) {
      const broken = Uint8Array.from(whole)
      broken[at] = (broken[at] as number) ^ (1 << (at % 8))
      writeFileSync(path, broken)
      expect({ at, verdict: (await restart(path)).verdict }).toEqual({
        at,
        verdict: { state: 'lost', why: 'damaged' },
      })
    }
  })

  it('is given up when it is missing, of another key, or longer than the filter can take', async () => {
    const { path } = await smallLog()
    expect((await restart(newPath())).verdict).toEqual({ state: 'lost', why: 'missing' })
    expect((await restart(path, { ...KEY, epoch: KEY.epoch + 1 })).verdict).toMatchObject({ state: 'lost' })
    const verdict = await readReplayLog(path, KEY, () => false)
    expect(verdict).toEqual({ state: 'lost', why: 'overfull' })
  })

  it('drops what a crash left of a block before it writes on', async () => {
    const { path, sizes } = await smallLog()
    truncateSync(path, (sizes[2] as number) + 5)
    const { filter, verdict } = await restart(path)
    if (verdict.state !== 'whole') throw new Error(verdict.why)
    const log = new ReplayLog(path, KEY, filter, verdict.end)
    filter.insert(tagBlock(12, 1))
    await log.close()
    expect((await restart(path)).verdict).toMatchObject({ state: 'whole', tags: 5 })
  })
})
