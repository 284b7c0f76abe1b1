import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { type AcceptingKey, MixKeyRing, type MixKeyRingOptions } from '../../../src/lib/mix/keys/index.ts'
import { crashRing, simulateReplays } from '../../support/mix-nightly/replay-simulation.ts'
import { tagBlock, tagOf } from '../replay/tags.ts'

const LENGTH_S = 1200
const LENGTH_MS = LENGTH_S * 1000
/** An epoch begins here. */
const START_MS = 1_496_000 * LENGTH_MS
const FIRST = 1_496_000

let parent: string
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'aiv-keys-'))
})
afterAll(() => rmSync(parent, { recursive: true }))

interface Place {
  readonly folder: string
  readonly clock: ManualClock
  readonly options: MixKeyRingOptions
}

let places = 0
/** A new folder in the middle of an epoch. */
function newPlace(options: Partial<MixKeyRingOptions> = {}): Place {
  const folder = join(parent, String(places++))
  const clock = new ManualClock(START_MS + LENGTH_MS / 2)
  const random = new SeededRandom(places)
  const filter = { bytes: 65_536, journalTags: 512 }
  return {
    folder,
    clock,
    options: { folder, clock, random, epochLengthS: LENGTH_S, workers: 1, filter, ...options },
  }
}

async function start(options: MixKeyRingOptions): Promise<MixKeyRing> {
  const ring = await MixKeyRing.open(options)
  await ring.advance()
  return ring
}

function acceptingEpochs(ring: MixKeyRing): number[] {
  return ring.accepting.map(({ epoch }) => epoch)
}

function present(ring: MixKeyRing): AcceptingKey {
  return ring.accepting[0] as AcceptingKey
}

describe('the mix keys of a node', () => {
  it('are published for the present epoch and three ahead, and accepted for the present one', async () => {
    const ring = await start(newPlace().options)
    expect(ring.published.map(({ epoch }) => epoch)).toEqual([FIRST, FIRST + 1, FIRST + 2, FIRST + 3])
    expect(new Set(ring.published.map(({ publicKey }) => toHex(publicKey))).size).toBe(4)
    expect(acceptingEpochs(ring)).toEqual([FIRST])
    await ring.close()
  })

  it('are accepted two minutes early and two minutes late, the present one tried first', async () => {
    const { clock, options } = newPlace()
    const ring = await start(options)
    clock.advance(LENGTH_MS / 2 - 120_000 - 1)
    expect(await ring.advance()).toMatchObject({ accepting: false, published: false })
    expect(ring.untilNextChange()).toBe(1)
    clock.advance(1)
    expect(await ring.advance()).toMatchObject({ accepting: true, published: false, clockJumpMs: 0 })
    expect(acceptingEpochs(ring)).toEqual([FIRST, FIRST + 1])
    clock.advance(ring.untilNextChange())
    expect(await ring.advance()).toMatchObject({ accepting: true, published: true })
    expect(acceptingEpochs(ring)).toEqual([FIRST + 1, FIRST])
    expect(ring.published.map(({ epoch }) => epoch)).toEqual([FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 4])
    clock.advance(ring.untilNextChange())
    await ring.advance()
    expect(acceptingEpochs(ring)).toEqual([FIRST + 1])
    await ring.close()
  })

  it('stay the same through a restart, and their files are for the owner alone', async () => {
    const { folder, options } = newPlace()
    const before = await start(options)
    const [published, secret] = [before.published, toHex(present(before).exportPrivate())]
    await before.close()
    const after = await start(options)
    expect(after.published).toEqual(published)
    expect(toHex(present(after).exportPrivate())).toBe(secret)
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    await after.close()
  })

  it('are gone from memory and disk once their time is over', async () => {
    const { folder, clock, options } = newPlace()
    const ring = await start(options)
    const key = present(ring)
    const secret = key.exportPrivate()
    const holding = (): string[] =>
      readdirSync(folder).filter((name) => readFileSync(join(folder, name)).includes(secret))
    expect(holding()).toEqual([`${FIRST}-${toHex(key.publicKey)}.key`])
    clock.advance(LENGTH_MS)
    await ring.advance()
    expect(() => key.exportPrivate()).toThrowError()
    expect(holding()).toEqual([])
    expect(readdirSync(folder).filter((name) => name.startsWith(`${FIRST}-`))).toEqual([])
    await ring.close()
  })

  it('are those of one process at a time', async () => {
    const { options } = newPlace()
    const ring = await start(options)
    await expect(MixKeyRing.open(options)).rejects.toMatchObject({ code: 'E_STORE_BUSY' })
    await ring.close()
    await (await start(options)).close()
  })

  it('say what their filters carry', async () => {
    const ring = await start(newPlace({ filter: { bytes: 79_800_000, journalTags: 0 } }).options)
    expect(ring.capacity.bytes).toBeLessThanOrEqual(79_800_000)
    expect(ring.capacity.packetsPerSecond).toBeGreaterThan(22_000)
    expect(ring.capacity.packetsPerSecond).toBeCloseTo(ring.capacity.tags / LENGTH_S, 6)
    await ring.close()
  })

  it.each([
    [{ epochLengthS: 0 }],
    [{ epochLengthS: 1.5 }],
    [{ epochLengthS: 10, overlapMs: 5001 }],
    [{ overlapMs: -1 }],
    [{ overlapMs: Number.NaN }],
    [{ workers: 0 }],
    [{ filter: { bytes: 10 } }],
  ])('refuse %j', async (wrong) => {
    const { options } = newPlace(wrong)
    await expect(MixKeyRing.open(options)).rejects.toMatchObject({ code: 'E_USAGE' })
  })
})

describe('a replayed packet', () => {
  it('is known after a clean restart', async () => {
    const { options } = newPlace()
    const tags = tagBlock(20, 300)
    const before = await start(options)
    for (let i = 0; i < 300; i++) expect(present(before).filter.insert(tagOf(tags, i))).toBe('new')
    await before.close()
    const after = await start(options)
    for (let i = 0; i < 300; i++) expect(present(after).filter.insert(tagOf(tags, i))).toBe('seen')
    await after.close()
  })

  it('is known after the epoch has ended, as long as its key is accepted', async () => {
    const { clock, options } = newPlace()
    const ring = await start(options)
    const tag = tagBlock(21, 1)
    present(ring).filter.insert(tag)
    clock.advance(LENGTH_MS / 2)
    await ring.advance()
    expect(acceptingEpochs(ring)).toEqual([FIRST + 1, FIRST])
    const [now, before] = ring.accepting as [AcceptingKey, AcceptingKey]
    expect(before.filter.insert(tag)).toBe('seen')
    expect(now.filter.insert(tag)).toBe('new')
    await ring.close()
  })

  it('is refused by what a worker still holds of a key that is gone', async () => {
    const { clock, options } = newPlace()
    const ring = await start(options)
    const { filter } = present(ring)
    clock.advance(LENGTH_MS)
    await ring.advance()
    expect(filter.insert(tagBlock(22, 1))).toBe('behind')
    await ring.close()
  })

  it('is let go when its key has gone while its tag was on the way to the disk', async () => {
    const { clock, options } = newPlace()
    const ring = await start(options)
    const { filter, epoch } = present(ring)
    filter.insert(tagBlock(23, 1))
    expect(ring.isDurable(epoch, 0, filter.ticket)).toBe(false)
    clock.advance(LENGTH_MS)
    await ring.advance()
    expect(ring.isDurable(epoch, 0, filter.ticket)).toBe(true)
    await ring.close()
  })

  it.each([
    ['power', 'same', 'kept'],
    ['power', 'other', 'kept'],
    ['process', 'same', 'kept'],
    ['process', 'other', 'lost'],
    ['process', '', 'lost'],
  ] as const)(
    'of a log that survives the %s is known, or its key gone, in the %j run of the machine: %s',
    async (...row) => {
      const [durability, bootId, fate] = row
      const place = newPlace({ log: { durability }, bootId: 'same' })
      const before = await start(place.options)
      const tag = tagBlock(24, 1)
      present(before).filter.insert(tag)
      await before.commit()
      const { publicKey } = present(before)
      const ahead = before.published.slice(1)
      await crashRing(before, place.folder)
      const ring = await MixKeyRing.open({ ...place.options, bootId })
      const { lost } = await ring.advance()
      expect(lost).toEqual(fate === 'lost' ? [{ epoch: FIRST, why: 'replay_tags_lost' }] : [])
      if (fate === 'kept') expect(present(ring).filter.insert(tag)).toBe('seen')
      expect(toHex(present(ring).publicKey) === toHex(publicKey)).toBe(fate === 'kept')
      // Keys that nobody could have used yet live on.
      expect(ring.published.slice(1)).toEqual(ahead)
      await ring.close()
    },
  )

  it('is known after a clean stop and a new run of the machine', async () => {
    const { options } = newPlace({ log: { durability: 'process' }, bootId: 'one' })
    const before = await start(options)
    const tag = tagBlock(25, 1)
    present(before).filter.insert(tag)
    await before.close()
    const after = await start({ ...options, bootId: 'two' })
    expect(present(after).filter.insert(tag)).toBe('seen')
    await after.close()
  })
})

describe('a key', () => {
  async function afterDamage(
    damage: (path: string) => void,
    kind: 'key' | 'tags',
  ): Promise<{ lost: readonly unknown[]; isNew: boolean }> {
    const { folder, options } = newPlace()
    const before = await start(options)
    present(before).filter.insert(tagBlock(26, 1))
    const { publicKey } = present(before)
    await before.close()
    damage(join(folder, `${FIRST}-${toHex(publicKey)}.${kind}`))
    const ring = await MixKeyRing.open(options)
    const { lost } = await ring.advance()
    const isNew = toHex(present(ring).publicKey) !== toHex(publicKey)
    expect(present(ring).filter.insert(tagBlock(26, 1))).toBe('new')
    expect(existsSync(join(folder, `${FIRST}-${toHex(publicKey)}.key`))).toBe(false)
    await ring.close()
    return { lost, isNew }
  }

  const flip = (path: string): void => {
    const bytes = readFileSync(path)
    bytes[70] = (bytes[70] as number) ^ 0x10
    writeFileSync(path, bytes)
  }

  it('is replaced when its log is damaged', async () => {
    expect(await afterDamage(flip, 'tags')).toEqual({
      lost: [{ epoch: FIRST, why: 'replay_log_damaged' }],
      isNew: true,
    })
  })

  it('is replaced when its log is missing', async () => {
    expect(await afterDamage((path) => rmSync(path), 'tags')).toEqual({
      lost: [{ epoch: FIRST, why: 'replay_log_missing' }],
      isNew: true,
    })
  })

  it('is replaced when a bit is wrong in any field of its file', async () => {
    const { folder, options } = newPlace()
    // First and last byte of the magic, the epoch, the private key, the filter secret and the checksum.
    for (const at of [0, 15, 16, 23, 24, 55, 56, 71, 72, 79]) {
      const before = await start(options)
      const { publicKey } = present(before)
      await before.close()
      const path = join(folder, `${FIRST}-${toHex(publicKey)}.key`)
      const bytes = readFileSync(path)
      expect(bytes).toHaveLength(80)
      bytes[at] = (bytes[at] as number) ^ (1 << (at % 8))
      writeFileSync(path, bytes)
      const ring = await MixKeyRing.open(options)
      expect((await ring.advance()).lost).toEqual([{ epoch: FIRST, why: 'unreadable' }])
      await ring.close()
    }
  })

  it.each([
    ['is empty', (path: string) => writeFileSync(path, '')],
    ['is long', (path: string) => writeFileSync(path, new Uint8Array(10_000))],
    ['is zero', (path: string) => writeFileSync(path, new Uint8Array(200))],
    [
      'is one byte longer',
      (path: string) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.of(0)])),
    ],
  ])('is replaced when its file %s', async (_, damage) => {
    expect(await afterDamage(damage, 'key')).toEqual({
      lost: [{ epoch: FIRST, why: 'unreadable' }],
      isNew: true,
    })
  })

  it('is replaced when its filter has become too small for its tags', async () => {
    const { options } = newPlace()
    const before = await start(options)
    const tags = tagBlock(27, 5000)
    for (let i = 0; i < 5000; i += 500) {
      for (let j = i; j < i + 500; j++) present(before).filter.insert(tagOf(tags, j))
      await before.commit()
    }
    await before.close()
    const ring = await MixKeyRing.open({ ...options, filter: { bytes: 16_384, journalTags: 128 } })
    expect((await ring.advance()).lost).toEqual([{ epoch: FIRST, why: 'replay_filter_too_small' }])
    await ring.close()
  })

  it('that was half made when the process ended is cleared away', async () => {
    const { folder, options } = newPlace()
    await (await start(options)).close()
    const stray = join(folder, `${FIRST + 9}-${'ab'.repeat(32)}.tags`)
    writeFileSync(stray, 'x')
    const ring = await start(options)
    expect(existsSync(stray)).toBe(false)
    await ring.close()
  })
})

describe('when the clock jumps', () => {
  it('forward, what is past is destroyed and what is needed is made', async () => {
    const { clock, options } = newPlace()
    const ring = await start(options)
    clock.jumpWall(10 * LENGTH_MS)
    expect(await ring.advance()).toMatchObject({ clockJumpMs: 10 * LENGTH_MS, published: true })
    expect(acceptingEpochs(ring)).toEqual([FIRST + 10])
    await ring.close()
  })

  it('back, no key that was destroyed returns', async () => {
    const { clock, options } = newPlace()
    const ring = await start(options)
    const first = toHex(present(ring).publicKey)
    clock.jumpWall(10 * LENGTH_MS)
    await ring.advance()
    clock.jumpWall(-10 * LENGTH_MS)
    expect((await ring.advance()).clockJumpMs).toBe(-10 * LENGTH_MS)
    expect(acceptingEpochs(ring)).toEqual([FIRST])
    expect(toHex(present(ring).publicKey)).not.toBe(first)
    await ring.close()
  })

  it('from 1970 to the present after a start, no key is lost', async () => {
    const { clock, options } = newPlace()
    const before = await start(options)
    const tag = tagBlock(29, 1)
    present(before).filter.insert(tag)
    const published = before.published
    await before.close()
    const unset = new ManualClock(5000)
    const ring = await start({ ...options, clock: unset })
    expect(acceptingEpochs(ring)).toEqual([0])
    unset.jumpWall(clock.wallMs() - 5000)
    await ring.advance()
    expect(ring.published).toEqual(published)
    expect(present(ring).filter.insert(tag)).toBe('seen')
    await ring.close()
  })

  it('again and again, no more than ten keys pile up, and those of the present are among them', async () => {
    const { folder, clock, options } = newPlace()
    const ring = await start(options)
    for (let jump = 0; jump < 20; jump++) {
      clock.jumpWall(-7 * LENGTH_MS)
      await ring.advance()
      expect(readdirSync(folder).filter((name) => name.endsWith('.key')).length).toBeLessThanOrEqual(10)
      expect(ring.published).toHaveLength(4)
    }
    await ring.close()
  })

  it('or the process ends, at any moment, nothing is let through twice', async () => {
    const { forwarded, crashes, jumps } = await simulateReplays(20_261_123)
    expect(forwarded).toBeGreaterThan(50)
    expect(Math.min(crashes, jumps)).toBeGreaterThan(10)
  })
})
