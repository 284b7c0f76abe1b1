import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ManualClock, utf8 } from '../../../src/lib/core/index.ts'
import { Message1Cache } from '../../../src/lib/htx/handshake/message1-cache.ts'
import { MemoryVolume, openMemoryStore, openStore, type Store } from '../../../src/lib/storage/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'

/** Section 3.5, step 8. */
const LIFE_S = 1260
const SCHEMA = { name: 'htx', version: 1 } as const
const NO_BUCKET = { capacity: 1e9, refillPerSecond: 0 }

function key(index: number): Uint8Array {
  const out = new Uint8Array(16)
  new DataView(out.buffer).setUint32(0, index)
  return out
}

describe('the message-1 cache', () => {
  it('takes a key once in 1,260 s', async () => {
    const clock = new ManualClock()
    const cache = await Message1Cache.open(clock)
    expect(cache.has(key(1))).toBe(false)
    expect(await cache.insert(key(1))).toBe(true)
    expect(cache.has(key(1))).toBe(true)
    expect(await cache.insert(key(1))).toBe(false)
    clock.advance(LIFE_S * 1000 - 1)
    expect(cache.has(key(1))).toBe(true)
    expect(await cache.insert(key(1))).toBe(false)
    clock.advance(1)
    expect(cache.has(key(1))).toBe(false)
    expect(await cache.insert(key(1))).toBe(true)
  })

  it('tells keys apart by every byte', async () => {
    const cache = await Message1Cache.open(new ManualClock())
    await cache.insert(key(0))
    for (let at = 0; at < 16; at++) {
      const other = key(0)
      other[at] = 1
      expect(cache.has(other), `${at}`).toBe(false)
    }
  })

  it('gives one of two racing insertions of a key to one caller only', async () => {
    const store = await openMemoryStore(SCHEMA)
    const cache = await Message1Cache.open(new ManualClock(), store)
    const outcomes = await Promise.all([cache.insert(key(1)), cache.insert(key(1)), cache.insert(key(1))])
    expect(outcomes.sort()).toEqual([false, false, true])
  })

  it('refuses when it is full and evicts nothing that lives', async () => {
    const clock = new ManualClock()
    const cache = await Message1Cache.open(clock, undefined, { entries: 100, bucket: NO_BUCKET })
    for (let i = 0; i < 100; i++) expect(await cache.insert(key(i))).toBe(true)
    expect(await cache.insert(key(100))).toBe(false)
    expect(cache.has(key(100))).toBe(false)
    for (let i = 0; i < 100; i++) expect(cache.has(key(i))).toBe(true)
    clock.advance(LIFE_S * 1000)
    expect(await cache.insert(key(100))).toBe(true)
    expect(cache.size).toBe(1)
  })

  it('takes 1,000 at once and then 700 a second, which never fills it', async () => {
    const clock = new ManualClock()
    const cache = await Message1Cache.open(clock)
    const burst = async (from: number): Promise<number> => {
      let taken = 0
      while (await cache.insert(key(from + taken))) taken++
      return taken
    }
    expect(await burst(0)).toBe(1000)
    clock.advance(1000)
    expect(await burst(1000)).toBe(700)
    clock.advance(100)
    expect(await burst(1700)).toBe(70)
    expect(1000 + 700 * LIFE_S).toBeLessThan(1_000_000)
  })

  it('spends no more than a bounded effort on what is over', async () => {
    const clock = new ManualClock()
    const cache = await Message1Cache.open(clock, undefined, { entries: 10_000, bucket: NO_BUCKET })
    for (let i = 0; i < 5000; i++) await cache.insert(key(i))
    clock.advance(LIFE_S * 1000)
    let before = cache.size
    for (let i = 0; before > 1000; i++) {
      await cache.insert(key(10_000 + i))
      expect(before - cache.size).toBeLessThanOrEqual(256)
      expect(cache.size).toBeLessThan(before)
      before = cache.size
    }
  })
})

describe('a wall clock that is set', () => {
  it('ahead and back again does not open the window of an entry', async () => {
    const clock = new ManualClock()
    const store = await openMemoryStore(SCHEMA)
    const cache = await Message1Cache.open(clock, store)
    await cache.insert(key(1))
    clock.advance(10_000)
    clock.jumpWall(86_400_000)
    expect(cache.has(key(1))).toBe(true)
    await cache.insert(key(2))
    clock.jumpWall(-86_400_000)
    expect(cache.has(key(1))).toBe(true)
    expect(await cache.insert(key(1))).toBe(false)
    expect(await store.count({ prefix: utf8('m1/') })).toBe(2)
  })

  it('back keeps an entry until its own time has come again', async () => {
    const clock = new ManualClock()
    const cache = await Message1Cache.open(clock)
    await cache.insert(key(1))
    clock.jumpWall(-7_200_000)
    clock.advance(LIFE_S * 1000)
    await cache.insert(key(2))
    expect(cache.has(key(1))).toBe(true)
    clock.advance(7_200_000)
    expect(cache.has(key(1))).toBe(false)
  })

  it('back holds up nobody else: later entries go in their time', async () => {
    const clock = new ManualClock()
    const cache = await Message1Cache.open(clock, undefined, { entries: 50, bucket: NO_BUCKET })
    clock.jumpWall(86_400_000)
    await cache.insert(key(1))
    clock.jumpWall(-86_400_000)
    for (let round = 0; round < 20; round++) {
      for (let i = 0; i < 49; i++) expect(await cache.insert(key(1000 * round + 100 + i))).toBe(true)
      expect(cache.has(key(1))).toBe(true)
      clock.advance(LIFE_S * 1000)
    }
  })
})

/** Gives a new place, and each call of what it returns opens the store of that place again. */
const BACKENDS: Readonly<Record<string, () => () => Promise<Store>>> = {
  memory: () => {
    const volume = new MemoryVolume()
    return () => openMemoryStore(SCHEMA, volume)
  },
  sqlite: () => {
    const path = join(temporaryFolder(), 'htx.sqlite')
    return () => openStore({ path, schema: SCHEMA, durability: 'process' })
  },
}

describe.each(Object.entries(BACKENDS))('over a restart, with the %s store', (_name, place) => {
  it('knows what was inserted, and forgets it in its time', async () => {
    const clock = new ManualClock()
    const open = place()
    let store = await open()
    let cache = await Message1Cache.open(clock, store)
    expect(await cache.insert(key(1))).toBe(true)
    clock.advance(600_000)
    expect(await cache.insert(key(2))).toBe(true)
    await store.close()

    clock.advance(600_000)
    store = await open()
    cache = await Message1Cache.open(clock, store)
    expect(cache.size).toBe(2)
    expect(cache.has(key(1))).toBe(true)
    expect(await cache.insert(key(1))).toBe(false)
    expect(await cache.insert(key(2))).toBe(false)
    clock.advance(60_000)
    expect(cache.has(key(1))).toBe(false)
    expect(cache.has(key(2))).toBe(true)
    await store.close()

    clock.advance(LIFE_S * 1000)
    store = await open()
    cache = await Message1Cache.open(clock, store)
    expect(cache.size).toBe(0)
    expect(await store.count()).toBe(0)
    await store.close()
  })

  it('answers no message twice though two listeners share the store', async () => {
    const clock = new ManualClock()
    const store = await place()()
    const [a, b] = [await Message1Cache.open(clock, store), await Message1Cache.open(clock, store)]
    const outcomes = await Promise.all([a.insert(key(7)), b.insert(key(7))])
    expect(outcomes.sort()).toEqual([false, true])
    await store.close()
  })

  it('leaves nothing in the store that has been over for long', async () => {
    const clock = new ManualClock()
    const store = await place()()
    const cache = await Message1Cache.open(clock, store, { entries: 1000, bucket: NO_BUCKET })
    for (let i = 0; i < 300; i++) await cache.insert(key(i))
    clock.advance(LIFE_S * 1000)
    for (let i = 300; i < 303; i++) await cache.insert(key(i))
    expect(await store.count({ prefix: utf8('m1/') })).toBe(3)
    await store.close()
  })
})

describe('an insertion', () => {
  it('is durable before it says yes', async () => {
    const store = await openMemoryStore(SCHEMA)
    let release: () => void = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow = new Proxy(store, {
      get(target, name) {
        if (name !== 'batch') return Reflect.get(target, name).bind(target)
        return async (...given: Parameters<Store['batch']>) => {
          await gate
          return target.batch(...given)
        }
      },
    })
    const cache = await Message1Cache.open(new ManualClock(), slow)
    let settled = false
    const inserting = cache.insert(key(1)).then((outcome) => {
      settled = true
      return outcome
    })
    // A second copy that comes meanwhile is refused at once, not after the disk.
    expect(await cache.insert(key(1))).toBe(false)
    expect(settled).toBe(false)
    release()
    expect(await inserting).toBe(true)
    expect(await store.count()).toBe(1)
  })

  it('that cannot be stored fails, and does not free the key', async () => {
    const store = await openMemoryStore(SCHEMA)
    const cache = await Message1Cache.open(new ManualClock(), store)
    await store.close()
    await expect(cache.insert(key(1))).rejects.toMatchObject({ code: 'E_STORE_CLOSED' })
    expect(cache.has(key(1))).toBe(true)
  })
})
