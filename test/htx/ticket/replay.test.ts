import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AivError, ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { REPLAY_SCHEMA, type ReplayLimits, ReplayStore } from '../../../src/lib/htx/ticket/index.ts'
import { openMemoryStore, openStore, type Store } from '../../../src/lib/storage/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { from, HOUR_MS, HOUR_START_MS, ticketOffice } from './tickets.ts'

const HOUR = HOUR_START_MS / HOUR_MS
const random = new SeededRandom(3)

function fail(error: Error): never {
  throw error
}

async function memoryReplay(clock: ManualClock, limits?: ReplayLimits): Promise<ReplayStore> {
  return await ReplayStore.open(await openMemoryStore(REPLAY_SCHEMA), clock, fail, limits)
}

describe('a used ticket', () => {
  it('is refused at once, and as long as it would verify', async () => {
    const { verifier, ticket, clock } = await ticketOffice()
    const made = ticket(HOUR_MS)
    expect(await verifier.check(made, from('a'))).toBe('accepted')
    const outcomes: string[] = []
    for (let half = 0; half < 5; half++) {
      outcomes.push(await verifier.check(made, from(`b${half}`)))
      clock.advance(HOUR_MS / 2)
    }
    expect(outcomes).toEqual(Array(5).fill('replayed'))
    expect(await verifier.check(made, from('c'))).toBe('not-genuine')
  })

  it('is refused when two copies come at once', async () => {
    const { verifier, ticket } = await ticketOffice()
    const made = ticket()
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => verifier.check(made, from('a'))))
    expect(outcomes.filter((outcome) => outcome === 'accepted').length).toBe(1)
    expect(outcomes.filter((outcome) => outcome === 'replayed').length).toBe(49)
  })

  it('is refused after a restart', async () => {
    const path = join(temporaryFolder(), 'replay.sqlite')
    const open = (): Promise<Store> => openStore({ path, schema: REPLAY_SCHEMA })
    const store = await open()
    const before = await ticketOffice({ store })
    const made = before.ticket()
    expect(await before.verifier.check(made, from('a'))).toBe('accepted')
    await store.close()
    const again = await open()
    const replay = await ReplayStore.open(again, before.clock, fail)
    expect(replay.size).toBe(1)
    const tag = (await keysOf(again))[0]?.subarray(5) as Uint8Array
    expect(await replay.insert(tag, HOUR)).toBe('present')
    await again.close()
  })
})

async function keysOf(store: Store): Promise<readonly Uint8Array[]> {
  const keys: Uint8Array[] = []
  for await (const { key } of store.scan()) keys.push(key)
  return keys
}

describe('the replay store', () => {
  it.each([
    [-1, 3],
    [0, 4],
    [1, 5],
  ])('keeps a tag of an hour %i away for 3 h after its end, so %i h', async (away, lifeHours) => {
    const clock = new ManualClock(HOUR_START_MS)
    const store = await openMemoryStore(REPLAY_SCHEMA)
    const replay = await ReplayStore.open(store, clock, fail)
    const tag = random.bytes(16)
    expect(await replay.insert(tag, HOUR + away)).toBe('inserted')
    clock.advance(lifeHours * HOUR_MS - 1)
    expect(await replay.insert(tag, HOUR + away)).toBe('present')
    clock.advance(1)
    expect(await replay.insert(tag, HOUR + away + lifeHours)).toBe('inserted')
  })

  it('knows a tag under every hour that a ticket of its key could match', async () => {
    const clock = new ManualClock(HOUR_START_MS)
    const replay = await memoryReplay(clock)
    const tag = random.bytes(16)
    await replay.insert(tag, HOUR - 1)
    for (const hour of [HOUR - 1, HOUR, HOUR + 1]) expect(await replay.insert(tag, hour)).toBe('present')
  })

  it('refuses when it is full, evicts nothing, and takes new ones when old ones have expired', async () => {
    const clock = new ManualClock(HOUR_START_MS)
    const replay = await memoryReplay(clock, { entries: 100, recountEvery: 1000 })
    const tags = Array.from({ length: 100 }, () => random.bytes(16))
    for (const tag of tags) expect(await replay.insert(tag, HOUR)).toBe('inserted')
    expect(await replay.insert(random.bytes(16), HOUR)).toBe('full')
    clock.advance(4 * HOUR_MS - 1)
    expect(await replay.insert(random.bytes(16), HOUR + 3)).toBe('full')
    for (const tag of tags) expect(await replay.insert(tag, HOUR)).not.toBe('inserted')
    clock.advance(1)
    await replay.insert(random.bytes(16), HOUR + 4)
    await replay.settled()
    expect(replay.size).toBeLessThan(2)
    expect(await replay.insert(random.bytes(16), HOUR + 4)).toBe('inserted')
  })

  it('is full at once for many who come together', async () => {
    const replay = await memoryReplay(new ManualClock(HOUR_START_MS), { entries: 10, recountEvery: 1000 })
    const outcomes = await Promise.all(
      Array.from({ length: 30 }, () => replay.insert(random.bytes(16), HOUR)),
    )
    expect(outcomes.filter((outcome) => outcome === 'inserted').length).toBe(10)
    expect(replay.size).toBe(10)
  })

  it('counts what another process put in', async () => {
    const clock = new ManualClock(HOUR_START_MS)
    const store = await openMemoryStore(REPLAY_SCHEMA)
    const limits = { entries: 100, recountEvery: 10 }
    const one = await ReplayStore.open(store, clock, fail, limits)
    const other = await ReplayStore.open(store, clock, fail, limits)
    for (let i = 0; i < 60; i++) await one.insert(random.bytes(16), HOUR)
    for (let i = 0; i < 60; i++) {
      await other.insert(random.bytes(16), HOUR)
      await other.settled()
    }
    expect(await other.insert(random.bytes(16), HOUR)).toBe('full')
    const { length } = await keysOf(store)
    expect(length).toBeGreaterThanOrEqual(100)
    expect(length).toBeLessThanOrEqual(110)
  })

  it('clears what has expired from the disk, in its first hour as well as at a start', async () => {
    const clock = new ManualClock(HOUR_START_MS)
    const store = await openMemoryStore(REPLAY_SCHEMA)
    const replay = await ReplayStore.open(store, clock, fail)
    for (let i = 0; i < 500; i++) await replay.insert(random.bytes(16), HOUR)
    clock.advance(5 * HOUR_MS)
    await replay.insert(random.bytes(16), HOUR + 5)
    await replay.settled()
    expect((await keysOf(store)).length).toBe(1)
    clock.advance(8 * 24 * HOUR_MS)
    await ReplayStore.open(store, clock, fail)
    expect((await keysOf(store)).length).toBe(0)
  })

  it('keeps hours of another process for their whole life after it first found them over', async () => {
    const clock = new ManualClock(HOUR_START_MS)
    const store = await openMemoryStore(REPLAY_SCHEMA)
    const other = await ReplayStore.open(store, clock, fail)
    const replay = await ReplayStore.open(store, clock, fail)
    const tag = random.bytes(16)
    await other.insert(tag, HOUR)
    // The wall clock of the machine is ahead for a moment, in which this process clears what it takes for expired.
    clock.jumpWall(6 * HOUR_MS)
    await replay.insert(random.bytes(16), HOUR + 6)
    await replay.settled()
    clock.jumpWall(-6 * HOUR_MS)
    expect(await replay.insert(tag, HOUR)).toBe('present')
    clock.advance(6 * HOUR_MS)
    await replay.insert(random.bytes(16), HOUR + 6)
    await replay.settled()
    expect(await replay.insert(tag, HOUR)).toBe('inserted')
  })

  it('does not forget when the wall clock is ahead for a while and then set back', async () => {
    const clock = new ManualClock(HOUR_START_MS)
    const replay = await memoryReplay(clock)
    const tag = random.bytes(16)
    await replay.insert(tag, HOUR)
    clock.jumpWall(40 * HOUR_MS)
    await replay.insert(random.bytes(16), HOUR + 40)
    await replay.settled()
    clock.jumpWall(-40 * HOUR_MS)
    expect(await replay.insert(tag, HOUR)).toBe('present')
  })

  it('refuses, and says why, when nothing can be written', async () => {
    const store = await openMemoryStore(REPLAY_SCHEMA)
    const broken = new Proxy(store, {
      get: (target, name) =>
        name === 'batch'
          ? () => Promise.reject(new AivError('E_STORE_FULL', 'no room'))
          : Reflect.get(target, name).bind(target),
    })
    const replay = await ReplayStore.open(broken, new ManualClock(HOUR_START_MS), fail)
    await expect(replay.insert(random.bytes(16), HOUR)).rejects.toMatchObject({ code: 'E_STORE_FULL' })
    expect(replay.size).toBe(0)
  })
})
