/** A disk that fails under the replay log. In a file of its own, because it stands between the code and `node:fs`. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { type AcceptingKey, MixKeyRing } from '../../../src/lib/mix/keys/index.ts'
import { tagBlock, tagOf } from './tags.ts'

/** Error codes of the calls that are to fail. */
interface Faults {
  write?: string | undefined
  sync?: string | undefined
  remove?: string | undefined
}

const disk = vi.hoisted((): Faults => ({}))

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const failing = (code: string): Error => Object.assign(new Error(code), { code })
  return {
    ...fs,
    writeSync: (...args: Parameters<typeof fs.writeSync>) => {
      if (disk.write !== undefined) throw failing(disk.write)
      return fs.writeSync(...args)
    },
    rmSync: (...args: Parameters<typeof fs.rmSync>) => {
      if (disk.remove !== undefined) throw failing(disk.remove)
      return fs.rmSync(...args)
    },
    fdatasync: (file: number, done: (error: Error | null) => void) => {
      if (disk.sync === undefined) fs.fdatasync(file, done)
      else done(failing(disk.sync))
    },
  }
})

let folder: string
let places = 0
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aiv-disk-'))
})
afterEach(() => {
  for (const call of ['write', 'sync', 'remove'] as const) disk[call] = undefined
})
afterAll(() => rmSync(folder, { recursive: true }))

async function startRing(): Promise<{ readonly ring: MixKeyRing; readonly place: string }> {
  const place = join(folder, String(places++))
  const filter = { bytes: 65_536, journalTags: 64 }
  const random = new SeededRandom(places)
  const ring = await MixKeyRing.open({ folder: place, clock: new ManualClock(), random, workers: 1, filter })
  await ring.advance()
  return { ring, place }
}

describe.each([
  ['write', 'ENOSPC'],
  ['write', 'EIO'],
  ['sync', 'EIO'],
] as const)('when a %s fails with %s', (call, code) => {
  it('no packet waits for a tag in vain: its key is destroyed, and another made', async () => {
    const { ring, place } = await startRing()
    const { epoch, filter } = ring.accepting[0] as AcceptingKey
    const tags = tagBlock(1, 3)
    filter.insert(tagOf(tags, 0))
    const { ticket } = filter
    disk[call] = code
    await ring.commit()
    expect(ring.isDurable(epoch, 0, ticket)).toBe(false)
    expect(filter.insert(tagOf(tags, 1))).toBe('behind')
    expect(filter.insert(tagOf(tags, 0))).toBe('seen')

    disk[call] = undefined
    const before = ring.published.length
    expect(await ring.advance()).toMatchObject({
      accepting: true,
      published: true,
      lost: [{ epoch, why: 'replay_log_failed' }],
    })
    expect(ring.published).toHaveLength(before)
    expect(readdirSync(place).filter((name) => name.endsWith('.key'))).toHaveLength(before)
    const next = ring.accepting[0] as AcceptingKey
    expect(next.filter.insert(tagOf(tags, 0))).toBe('new')
    await ring.commit()
    expect(ring.isDurable(epoch, 0, next.filter.ticket)).toBe(true)
    await ring.close()
  })
})

describe('when the disk is full', () => {
  it('the key is removed even though it cannot be overwritten, and that there is no new one is an error', async () => {
    const { ring, place } = await startRing()
    const { filter } = ring.accepting[0] as AcceptingKey
    filter.insert(tagBlock(4, 1))
    disk.write = 'ENOSPC'
    await ring.commit()
    const before = readdirSync(place).filter((name) => name.endsWith('.key')).length
    await expect(ring.advance()).rejects.toMatchObject({ code: 'E_IO' })
    expect(readdirSync(place).filter((name) => name.endsWith('.key'))).toHaveLength(before - 1)
    disk.write = undefined
    await ring.advance()
    expect(ring.published).toHaveLength(before)
    await ring.close()
  })
})

describe('when a key cannot be removed', () => {
  it('the ring says so, accepts nothing with it, and tries again', async () => {
    const { ring } = await startRing()
    const { epoch, filter } = ring.accepting[0] as AcceptingKey
    filter.insert(tagBlock(2, 1))
    const { ticket } = filter
    disk.write = 'EIO'
    await ring.commit()
    disk.remove = 'EROFS'
    await expect(ring.advance()).rejects.toMatchObject({ code: 'E_IO' })
    expect(filter.insert(tagBlock(3, 1))).toBe('behind')
    expect(ring.isDurable(epoch, 0, ticket)).toBe(false)
    disk.remove = undefined
    disk.write = undefined
    expect((await ring.advance()).lost).toEqual([{ epoch, why: 'replay_log_failed' }])
    await ring.close()
  })
})
