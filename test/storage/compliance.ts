/** What every storage backend must do. A backend's test calls `describeStore`; nothing here knows which one it is. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AivError, compare, toHex, utf8 } from '../../src/lib/core/index.ts'
import {
  MAX_KEY_BYTES,
  MAX_VALUE_BYTES,
  type Migration,
  type ScanOptions,
  type Store,
  StoreCorruptError,
  type StoreEntry,
  type StoreOp,
  type StoreSchema,
} from '../../src/lib/storage/index.ts'

export interface Backend {
  /** Opens the one store of this backend; several opened at a time share its content. */
  open(schema: StoreSchema): Promise<Store>
  dispose(): Promise<void>
}

/** A backend that keeps bytes where something else than the store can change them. */
export interface DamageableBackend extends Backend {
  /** Alters the stored value of a key behind the store's back. */
  damage(key: Uint8Array): void
}

export const SCHEMA: StoreSchema = { name: 'test', version: 1 }

export const put = (key: string, value: string): StoreOp => ({ put: utf8(key), value: utf8(value) })
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return error instanceof AivError ? error.code : String(error)
  }
}

export async function collect(entries: AsyncIterable<StoreEntry>): Promise<StoreEntry[]> {
  const out: StoreEntry[] = []
  for await (const entry of entries) out.push(entry)
  return out
}

async function keysOf(store: Store, options?: ScanOptions): Promise<string[]> {
  return (await collect(store.scan(options))).map((entry) => new TextDecoder('latin1').decode(entry.key))
}

export function describeStore(name: string, makeBackend: () => Promise<Backend>): void {
  describe(name, () => {
    let backend: Backend
    let store: Store
    const opened: Store[] = []

    const open = async (schema: StoreSchema = SCHEMA): Promise<Store> => {
      const another = await backend.open(schema)
      opened.push(another)
      return another
    }

    beforeEach(async () => {
      backend = await makeBackend()
      store = await open()
    })

    afterEach(async () => {
      for (const each of opened.splice(0)) await each.close()
      await backend.dispose()
    })

    describe('single keys', () => {
      it('returns what was put, and nothing for a key that was not', async () => {
        expect(await store.batch([put('a', '1')])).toBe(true)
        expect(await store.get(utf8('a'))).toEqual(utf8('1'))
        expect(await store.has(utf8('a'))).toBe(true)
        expect(await store.get(utf8('b'))).toBeUndefined()
        expect(await store.has(utf8('b'))).toBe(false)
      })

      it('overwrites and deletes', async () => {
        await store.batch([put('a', '1')])
        await store.batch([put('a', '2')])
        expect(await store.get(utf8('a'))).toEqual(utf8('2'))
        await store.batch([{ delete: utf8('a') }])
        expect(await store.get(utf8('a'))).toBeUndefined()
      })

      it('tells an empty value from a missing one', async () => {
        await store.batch([{ put: utf8('a'), value: bytes() }])
        expect(await store.get(utf8('a'))).toEqual(bytes())
        expect(await store.has(utf8('a'))).toBe(true)
      })

      it('is independent of the arrays it was given and of those it returned', async () => {
        const key = utf8('key')
        const value = utf8('value')
        await store.batch([{ put: key, value }])
        key[0] = 0
        value[0] = 0
        const returned = await store.get(utf8('key'))
        expect(returned).toEqual(utf8('value'))
        returned?.fill(0)
        expect(await store.get(utf8('key'))).toEqual(utf8('value'))
      })

      it('takes keys and values up to the limits and nothing above', async () => {
        const key = new Uint8Array(MAX_KEY_BYTES).fill(7)
        const value = new Uint8Array(MAX_VALUE_BYTES).fill(9)
        await store.batch([{ put: key, value }])
        expect(await store.get(key)).toEqual(value)
        const tooLongKey = new Uint8Array(MAX_KEY_BYTES + 1)
        const tooLongValue = new Uint8Array(MAX_VALUE_BYTES + 1)
        expect(await codeOf(store.batch([{ put: tooLongKey, value: bytes() }]))).toBe('E_TOO_LARGE')
        expect(await codeOf(store.batch([{ put: utf8('a'), value: tooLongValue }]))).toBe('E_TOO_LARGE')
        expect(await codeOf(store.get(tooLongKey))).toBe('E_TOO_LARGE')
        expect(await codeOf(store.batch([{ put: bytes(), value: bytes() }]))).toBe('E_INPUT')
        expect(await store.count()).toBe(1)
      })
    })

    describe('batches', () => {
      it('apply their operations in order', async () => {
        await store.batch([put('a', '1'), { delete: utf8('a') }, put('b', '1'), put('b', '2')])
        expect(await store.has(utf8('a'))).toBe(false)
        expect(await store.get(utf8('b'))).toEqual(utf8('2'))
      })

      it('leave nothing behind when one operation is refused', async () => {
        const bad: StoreOp = { put: utf8('z'), value: new Uint8Array(MAX_VALUE_BYTES + 1) }
        expect(await codeOf(store.batch([put('a', '1'), bad]))).toBe('E_TOO_LARGE')
        expect(await store.count()).toBe(0)
      })

      it('are refused above the size limit as a whole', async () => {
        const value = new Uint8Array(MAX_VALUE_BYTES)
        const ops = Array.from({ length: 17 }, (_, i): StoreOp => ({ put: bytes(i), value }))
        expect(await codeOf(store.batch(ops))).toBe('E_TOO_LARGE')
        expect(await store.count()).toBe(0)
      })

      it('of many concurrent callers are all applied, in the order of the calls', async () => {
        const calls = Array.from({ length: 500 }, (_, i) => store.batch([put(`k${i % 10}`, `${i}`)]))
        expect(await Promise.all(calls)).toEqual(calls.map(() => true))
        for (let i = 0; i < 10; i++) expect(await store.get(utf8(`k${i}`))).toEqual(utf8(`${490 + i}`))
      })

      it('with ifAbsent insert exactly once, however many try at the same time', async () => {
        const other = await open()
        const attempts = Array.from({ length: 40 }, (_, i) =>
          (i % 2 === 0 ? store : other).batch([put('once', `${i}`)], { ifAbsent: [utf8('once')] }),
        )
        const outcomes = await Promise.all(attempts)
        expect(outcomes.filter((applied) => applied)).toHaveLength(1)
        expect(await store.get(utf8('once'))).toEqual(utf8(`${outcomes.indexOf(true)}`))
      })

      it('with a condition that does not hold apply nothing', async () => {
        await store.batch([put('a', '1')])
        expect(await store.batch([put('b', '1')], { ifAbsent: [utf8('c'), utf8('a')] })).toBe(false)
        expect(await store.batch([put('b', '1')], { ifEqual: [{ key: utf8('c'), value: bytes() }] })).toBe(
          false,
        )
        expect(await store.batch([put('b', '1')], { ifEqual: [{ key: utf8('a'), value: utf8('2') }] })).toBe(
          false,
        )
        expect(await store.has(utf8('b'))).toBe(false)
        expect(await store.batch([put('b', '1')], { ifEqual: [{ key: utf8('a'), value: utf8('1') }] })).toBe(
          true,
        )
      })

      it('with ifEqual lose no update between racing writers', async () => {
        await store.batch([put('n', '0')])
        const other = await open()
        const increment = async (on: Store): Promise<void> => {
          for (;;) {
            const value = (await on.get(utf8('n'))) as Uint8Array
            const next = utf8(String(Number(new TextDecoder().decode(value)) + 1))
            const key = utf8('n')
            if (await on.batch([{ put: key, value: next }], { ifEqual: [{ key, value }] })) return
          }
        }
        await Promise.all(Array.from({ length: 12 }, (_, i) => increment(i % 2 === 0 ? store : other)))
        expect(await store.get(utf8('n'))).toEqual(utf8('12'))
      })

      it('with ifEqual let a single-use entry be taken once', async () => {
        const entry = { key: utf8('ticket'), value: utf8('psk') }
        await store.batch([{ put: entry.key, value: entry.value }])
        const takes = Array.from({ length: 10 }, () =>
          store.batch([{ delete: entry.key }], { ifEqual: [entry] }),
        )
        expect((await Promise.all(takes)).filter((taken) => taken)).toHaveLength(1)
      })
    })

    describe('scans', () => {
      it('deliver bytewise order, prefixes first', async () => {
        const keys = [
          bytes(0x80),
          bytes(0x7f, 0xff),
          bytes(0xff),
          bytes(0),
          bytes(0, 0),
          bytes(0x7f),
          bytes(1),
        ]
        await store.batch(keys.map((key): StoreOp => ({ put: key, value: key })))
        const found = await collect(store.scan())
        expect(found.map((entry) => toHex(entry.key))).toEqual(['00', '0000', '01', '7f', '7fff', '80', 'ff'])
        for (const { key, value } of found) expect(value).toEqual(key)
      })

      it('honour prefix, from, to, limit and reverse, alone and together', async () => {
        await store.batch(['a', 'b1', 'b2', 'b3', 'c'].map((key) => put(key, key)))
        expect(await keysOf(store, { prefix: utf8('b') })).toEqual(['b1', 'b2', 'b3'])
        expect(await keysOf(store, { prefix: utf8('b'), reverse: true, limit: 2 })).toEqual(['b3', 'b2'])
        expect(await keysOf(store, { from: utf8('b2') })).toEqual(['b2', 'b3', 'c'])
        expect(await keysOf(store, { from: utf8('b2'), to: utf8('c') })).toEqual(['b2', 'b3'])
        expect(await keysOf(store, { prefix: utf8('b'), from: utf8('b2') })).toEqual(['b2', 'b3'])
        expect(await keysOf(store, { prefix: utf8('b'), to: utf8('b2') })).toEqual(['b1'])
        expect(await keysOf(store, { from: utf8('c'), to: utf8('a') })).toEqual([])
        expect(await keysOf(store, { limit: 0 })).toEqual([])
      })

      it('find the keys of a prefix that ends in 0xff', async () => {
        const keys = [
          bytes(0xfe, 0xff),
          bytes(0xff),
          bytes(0xff, 0xff),
          bytes(0xff, 0xff, 1),
          bytes(1, 0xff, 0xff),
        ]
        await store.batch(keys.map((key): StoreOp => ({ put: key, value: bytes() })))
        const under = async (prefix: Uint8Array): Promise<string[]> =>
          (await collect(store.scan({ prefix }))).map((entry) => toHex(entry.key))
        expect(await under(bytes(0xff, 0xff))).toEqual(['ffff', 'ffff01'])
        expect(await under(bytes(1, 0xff))).toEqual(['01ffff'])
        expect(await under(bytes(0xfe))).toEqual(['feff'])
      })

      it('deliver each entry once over many pages, in both directions', async () => {
        const keys = Array.from({ length: 2000 }, (_, i) => `k${String(i).padStart(5, '0')}`)
        await store.batch(keys.map((key) => put(key, key)))
        expect(await keysOf(store)).toEqual(keys)
        expect(await keysOf(store, { reverse: true })).toEqual(keys.toReversed())
        expect(await keysOf(store, { limit: 777 })).toEqual(keys.slice(0, 777))
        expect(await keysOf(store, { reverse: true, limit: 777 })).toEqual(keys.toReversed().slice(0, 777))
      })

      it('deliver each entry once when values are larger than a page', async () => {
        const value = new Uint8Array(200_000)
        await store.batch(['a', 'b', 'c', 'd', 'e'].map((key): StoreOp => ({ put: utf8(key), value })))
        expect(await keysOf(store)).toEqual(['a', 'b', 'c', 'd', 'e'])
        expect(await keysOf(store, { reverse: true })).toEqual(['e', 'd', 'c', 'b', 'a'])
      })

      it('bear that the reader deletes what it has seen', async () => {
        const keys = Array.from({ length: 600 }, (_, i) => `k${String(i).padStart(4, '0')}`)
        await store.batch(keys.map((key) => put(key, '')))
        const seen: string[] = []
        for await (const { key } of store.scan()) {
          seen.push(new TextDecoder().decode(key))
          await store.batch([{ delete: key }])
        }
        expect(seen).toEqual(keys)
        expect(await store.count()).toBe(0)
      })

      it('end early when the reader breaks off, and stop at an abort', async () => {
        await store.batch(Array.from({ length: 600 }, (_, i) => put(`${i}`, '')))
        for await (const _ of store.scan()) break
        const abort = new AbortController()
        const scan = (async () => {
          for await (const _ of store.scan({ signal: abort.signal })) abort.abort()
        })()
        expect(await codeOf(scan)).toBe('E_ABORTED')
        expect(await store.count()).toBe(600)
      })
    })

    describe('ranges', () => {
      it('are counted', async () => {
        await store.batch(['a', 'b1', 'b2', 'c'].map((key) => put(key, '')))
        expect(await store.count()).toBe(4)
        expect(await store.count({ prefix: utf8('b') })).toBe(2)
        expect(await store.count({ from: utf8('b2') })).toBe(2)
        expect(await store.count({ from: utf8('c'), to: utf8('a') })).toBe(0)
      })

      it('are deleted as a whole', async () => {
        await store.batch(['a', 'b1', 'b2', 'c'].map((key) => put(key, '')))
        expect(await store.deleteRange({ prefix: utf8('b') })).toBe(2)
        expect(await keysOf(store)).toEqual(['a', 'c'])
        expect(await store.deleteRange({ from: utf8('x') })).toBe(0)
        expect(await store.deleteRange({})).toBe(2)
      })
    })

    it('behaves as a sorted map under any sequence of operations', async () => {
      // Few short keys, so that operations meet; bytes at the edges of the order.
      const key = fc
        .array(fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff), { minLength: 1, maxLength: 3 })
        .map((list) => Uint8Array.from(list))
      const value = fc.uint8Array({ maxLength: 4 })
      const op = fc.oneof(
        fc.record({ put: key, value }),
        key.map((each): StoreOp => ({ delete: each })),
      )
      const range = fc.record({ prefix: key, from: key, to: key }, { requiredKeys: [] })
      const step = fc.oneof(
        fc.record({ ops: fc.array(op, { maxLength: 5 }), ifAbsent: fc.array(key, { maxLength: 2 }) }),
        fc.record({ deleteRange: range }),
        fc.record({ scan: range, reverse: fc.boolean(), limit: fc.nat({ max: 6 }) }),
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
          await store.deleteRange({})
          const model = new Map<string, StoreEntry>()
          const inRange = (bounds: ScanOptions): StoreEntry[] =>
            [...model.values()]
              .filter(
                ({ key: each }) =>
                  (bounds.prefix === undefined || toHex(each).startsWith(toHex(bounds.prefix))) &&
                  (bounds.from === undefined || compare(each, bounds.from) >= 0) &&
                  (bounds.to === undefined || compare(each, bounds.to) < 0),
              )
              .sort((a, b) => compare(a.key, b.key))
          for (const each of steps) {
            if ('ops' in each) {
              const free = each.ifAbsent.every((absent) => !model.has(toHex(absent)))
              expect(await store.batch(each.ops, { ifAbsent: each.ifAbsent })).toBe(free)
              if (!free) continue
              for (const one of each.ops) {
                if ('put' in one) model.set(toHex(one.put), { key: one.put, value: one.value })
                else model.delete(toHex(one.delete))
              }
            } else if ('deleteRange' in each) {
              const doomed = inRange(each.deleteRange)
              expect(await store.deleteRange(each.deleteRange)).toBe(doomed.length)
              for (const entry of doomed) model.delete(toHex(entry.key))
            } else {
              const wanted = inRange(each.scan)
              expect(await store.count(each.scan)).toBe(wanted.length)
              if (each.reverse) wanted.reverse()
              const found = await collect(
                store.scan({ ...each.scan, reverse: each.reverse, limit: each.limit }),
              )
              expect(found.map(({ key: k, value: v }) => [toHex(k), toHex(v)])).toEqual(
                wanted.slice(0, each.limit).map(({ key: k, value: v }) => [toHex(k), toHex(v)]),
              )
            }
          }
        }),
        { numRuns: 60 },
      )
    })

    describe('opening', () => {
      it('finds everything that was acknowledged before it was closed', async () => {
        await store.batch([put('a', '1')])
        await store.close()
        const again = await open()
        expect(await again.get(utf8('a'))).toEqual(utf8('1'))
      })

      it('twice shows each the writes of the other', async () => {
        const other = await open()
        await store.batch([put('a', '1')])
        expect(await other.get(utf8('a'))).toEqual(utf8('1'))
        await other.batch([{ delete: utf8('a') }])
        expect(await store.has(utf8('a'))).toBe(false)
      })

      it('refuses a store of another name, a newer schema and an older one without migration', async () => {
        expect(await codeOf(open({ name: 'other', version: 1 }))).toBe('E_STORE_SCHEMA')
        expect(await codeOf(open({ name: 'test', version: 2 }))).toBe('E_STORE_SCHEMA')
        await open({ name: 'test', version: 2, migrate: async () => {} })
        expect(await codeOf(open(SCHEMA))).toBe('E_STORE_SCHEMA')
        expect(await codeOf(open({ name: '', version: 1 }))).toBe('E_INPUT')
        expect(await codeOf(open({ name: 'test', version: 0 }))).toBe('E_INPUT')
      })

      it('migrates an older schema once, and the older program can no longer use the store', async () => {
        await store.batch([put('a', '1'), put('b', '2')])
        const runs: number[] = []
        const migrate = async (migration: Migration): Promise<void> => {
          runs.push(migration.from)
          for await (const { key, value } of migration.scan()) {
            await migration.write([{ delete: key }, { put: Uint8Array.of(0x78, ...key), value }])
          }
        }
        const next = await open({ name: 'test', version: 3, migrate })
        await open({ name: 'test', version: 3, migrate })
        expect(runs).toEqual([1])
        expect(await keysOf(next)).toEqual(['xa', 'xb'])
        expect(await codeOf(store.batch([put('c', '3')]))).toBe('E_STORE_SCHEMA')
        expect(await codeOf(store.get(utf8('xa')))).toBe('E_STORE_SCHEMA')
        expect(await codeOf(collect(store.scan()))).toBe('E_STORE_SCHEMA')
        expect(await next.has(utf8('c'))).toBe(false)
      })

      it('keeps the old state when a migration throws', async () => {
        await store.batch([put('a', '1')])
        const migrate = async (migration: Migration): Promise<void> => {
          await migration.write([{ delete: utf8('a') }])
          throw new AivError('E_INPUT', 'cannot read the old form')
        }
        expect(await codeOf(open({ name: 'test', version: 2, migrate }))).toBe('E_INPUT')
        expect(await store.get(utf8('a'))).toEqual(utf8('1'))
        expect(await store.batch([put('b', '1')])).toBe(true)
      })
    })

    describe('closing', () => {
      it('waits for what is queued, may be repeated, and refuses what comes after', async () => {
        const writes = Array.from({ length: 20 }, (_, i) => store.batch([put(`${i}`, '')]))
        const closing = store.close()
        expect(await codeOf(store.batch([put('late', '')]))).toBe('E_STORE_CLOSED')
        await closing
        await store.close()
        expect(await Promise.all(writes)).toEqual(writes.map(() => true))
        expect(await codeOf(store.get(utf8('1')))).toBe('E_STORE_CLOSED')
        expect(await codeOf(collect(store.scan()))).toBe('E_STORE_CLOSED')
        const again = await open()
        expect(await again.count()).toBe(20)
      })
    })

    it('compacts and verifies without losing anything', async () => {
      const value = new Uint8Array(5000).fill(1)
      await store.batch(Array.from({ length: 200 }, (_, i): StoreOp => ({ put: utf8(`${i}`), value })))
      await store.deleteRange({ prefix: utf8('1') })
      await store.compact()
      expect(await store.verify()).toEqual({ records: 89, damaged: 0, damagedKeys: [], structure: [] })
      expect(await codeOf(store.verify(AbortSignal.abort()))).toBe('E_ABORTED')
    })
  })
}

/** What a backend must do besides that keeps its bytes in a file, on a server or anywhere else that may decay. */
export function describeDamage(name: string, makeBackend: () => Promise<DamageableBackend>): void {
  it(`${name} reports a damaged record by its key and never returns it as good`, async () => {
    const backend = await makeBackend()
    const store = await backend.open(SCHEMA)
    await store.batch(['a', 'b', 'c'].map((key) => put(key, 'content')))
    backend.damage(utf8('b'))
    const failure = await store.get(utf8('b')).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(StoreCorruptError)
    expect(failure).toMatchObject({ code: 'E_STORE_CORRUPT', key: utf8('b') })
    const seen: string[] = []
    const scan = (async () => {
      for await (const { key } of store.scan()) seen.push(new TextDecoder().decode(key))
    })()
    expect(await codeOf(scan)).toBe('E_STORE_CORRUPT')
    expect(seen).toEqual(['a'])
    expect(await store.verify()).toMatchObject({ records: 3, damaged: 1, damagedKeys: [utf8('b')] })
    expect(await store.batch([put('b', 'again')], { ifAbsent: [utf8('b')] })).toBe(false)
    await store.batch([put('b', 'again')])
    expect(await store.get(utf8('b'))).toEqual(utf8('again'))
    await store.close()
    await backend.dispose()
  })
}
